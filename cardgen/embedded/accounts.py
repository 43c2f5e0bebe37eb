"""Who runs the servers: ourselves, or a system user when we are root (PostgreSQL refuses root)."""

import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cardgen.embedded.identity import NAME
from cardgen.embedded.library import utils


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
        utils.ensure_user_exists(NAME)
        entry = pwd.getpwnam(NAME)
    except (OSError, KeyError, subprocess.CalledProcessError) as error:
        raise AccountUnusable(
            f"PostgreSQL refuses to run as root and the system user '{NAME}' could not be made "
            f"({error}). Run 'useradd {NAME}' or start cardgen as an ordinary user."
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


def hand_over(var: Path, account: Account) -> None:
    """Make VAR and what is ours in it the account's: it is the applications' folder from now on.

    :raises AccountUnusable: if somebody else owns VAR, or the account cannot enter it
    """
    own(var, account)
    let_reach(var, account, var=var)
    for path in var.rglob("*"):
        if _is_ours(path.lstat()):
            os.chown(path, account.uid, account.gid, follow_symlinks=False)


def _is_ours(found: os.stat_result) -> bool:
    """Tell whether root made it here; a second name of a file elsewhere is left alone."""
    single = stat.S_ISDIR(found.st_mode) or found.st_nlink == 1
    return found.st_uid == 0 and single


def let_reach(folder: Path, account: Account | None, *, var: Path) -> None:
    """See that the account can enter `folder`. Only VAR itself is opened, and only to pass through.

    :raises AccountUnusable: if it cannot; no folder above VAR is changed, for others live there too
    """
    if account is None or enters(account, folder):
        return
    _open_to_pass(var)
    if not enters(account, folder):
        raise AccountUnusable(
            f"User '{NAME}' cannot enter {_closed(account, folder)}, a folder that others may not "
            "read. Choose a place that everybody may enter, such as VAR=/var/lib/cardgen, or start "
            "cardgen as an ordinary user."
        )


def enters(account: Account, folder: Path) -> bool:
    """Tell whether the account can enter a folder."""
    return can(account, "/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder))


def can(account: Account, *command: str) -> bool:
    """Tell whether the account can run a command, and the command is content."""
    try:
        return run(list(command), account).returncode == 0
    except PermissionError:
        return False


def _open_to_pass(var: Path) -> None:
    mode = stat.S_IMODE(var.stat().st_mode)
    var.chmod(mode | stat.S_IXOTH)


def _closed(account: Account, folder: Path) -> Path:
    """Find the folder, of these that lead to it, at which the account has to stop."""
    way = [*reversed(folder.parents), folder]
    return next((one for one in way if not enters(account, one)), folder)


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
