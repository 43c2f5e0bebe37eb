"""Who runs the servers: ourselves, or a system user when we are root (PostgreSQL refuses root)."""

import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cardgen.embedded.library import utils

_NAME = "pgserver"
_READ = stat.S_IRGRP | stat.S_IROTH
_EXECUTE = stat.S_IXGRP | stat.S_IXOTH


class AccountUnusable(RuntimeError):
    """The system user cannot run a server or reach its data."""


@dataclass(frozen=True)
class Account:
    """A user and group to run a server as."""

    uid: int
    gid: int


def server_account() -> Account | None:
    """Return the system user for the servers (made if needed) when root, else None: ourselves.

    :raises AccountUnusable: if the user cannot be made
    """
    if os.geteuid() != 0:
        return None
    try:
        utils.ensure_user_exists(_NAME)
        entry = pwd.getpwnam(_NAME)
    except (OSError, KeyError, subprocess.CalledProcessError) as error:
        raise AccountUnusable(
            f"PostgreSQL refuses to run as root and the system user '{_NAME}' could not be made "
            f"({error}). Run 'useradd {_NAME}' or start cardgen as an ordinary user."
        ) from error
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def own(folder: Path, account: Account | None) -> None:
    """Make `folder` with mode 0700 for the account, or check that it is already so.

    :raises AccountUnusable: if somebody else owns it (also a trap laid in a shared folder)
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted = account.uid if account else os.geteuid()
    found = folder.lstat()
    if account and found.st_uid == 0:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)
    elif found.st_uid != wanted or stat.S_ISLNK(found.st_mode):
        raise AccountUnusable(
            f"{folder} belongs to another user (uid {found.st_uid}). Start cardgen as that user, "
            "or choose another folder with VAR=…"
        )
    folder.chmod(0o700)


def let_reach(folder: Path, account: Account | None) -> None:
    """Let the account enter `folder`, opening the folders above it only if it cannot already.

    :raises AccountUnusable: if it still cannot
    """
    if account is None or _can(account, "/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)):
        return
    utils.ensure_prefix_permissions(folder)
    if not _can(account, "/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)):
        raise AccountUnusable(f"User '{_NAME}' cannot enter {folder}: choose another VAR=…")


def let_run(binary: Path, account: Account | None) -> None:
    """Let the account run `binary`, opening its folders only if it cannot already.

    :raises AccountUnusable: if it still cannot
    """
    if account is None or _can(account, str(binary), "--version"):
        return
    utils.ensure_prefix_permissions(binary.parent)
    utils.ensure_folder_permissions(binary.parent, _READ | _EXECUTE)
    for name in ("lib", "share"):
        if (library := binary.parent.parent / name).is_dir():
            utils.ensure_folder_permissions(library, _READ)
    if not _can(account, str(binary), "--version"):
        raise AccountUnusable(
            f"User '{_NAME}' cannot run {binary}: move the virtual environment to a folder that "
            "everybody may read, or start cardgen as an ordinary user."
        )


def run(command: list[str], account: Account | None) -> subprocess.CompletedProcess[str]:
    """Run a short command as the account; its output is caught, its exit code is not judged."""
    return subprocess.run(  # noqa: S603 (the command is ours)
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def _can(account: Account, *command: str) -> bool:
    try:
        return run(list(command), account).returncode == 0
    except PermissionError:
        return False
