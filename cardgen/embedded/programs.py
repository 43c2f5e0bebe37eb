"""Where the servers' programs are run from: as installed, or from a copy in VAR.

Root's servers run as another user, who may not be able to enter the virtual environment. Then the
programs are copied, rather than folders opened that are not ours.
"""

import shutil
import sysconfig
from pathlib import Path

from cardgen.embedded import paths
from cardgen.embedded.accounts import Account, AccountUnusable, can, let_reach
from cardgen.embedded.identity import NAME


def place(binary: Path, account: Account | None, *, var: Path) -> None:
    """See that the account can run an installed program; copy its package if it cannot.

    :raises AccountUnusable: if it cannot run the copy either
    """
    copies = paths.programs(var)
    package = _package(binary)
    shutil.rmtree(copies / package, ignore_errors=True)  # it may be of another version
    if account is None or can(account, str(binary), "--version"):
        return
    _copy(package, copies)
    let_reach(copies, account, var=var)
    if not can(account, str(located(binary, var=var)), "--version"):
        raise AccountUnusable(f"User '{NAME}' cannot run {binary}, nor a copy of it in {copies}.")


def located(binary: Path, *, var: Path) -> Path:
    """Return the copy of an installed program if there is one, else the program itself."""
    copy = paths.programs(var) / binary.relative_to(_installed())
    return copy if copy.exists() else binary


def _copy(package: str, copies: Path) -> None:
    """Copy a package with the libraries that stand beside it: programs look for them there."""
    for name in (package, f"{package}.libs"):
        if (found := _installed() / name).is_dir():
            shutil.copytree(found, copies / name, symlinks=True, dirs_exist_ok=True)
    for one in (copies, *copies.rglob("*")):
        if not one.is_symlink():
            one.chmod(0o755)  # whatever the umask; what anybody may download is no secret


def _package(binary: Path) -> str:
    return binary.relative_to(_installed()).parts[0]


def _installed() -> Path:
    return Path(sysconfig.get_path("platlib")).resolve()
