"""Who web, worker, beat and reconciler run as: never root, unless that is asked for."""

import sys
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from cardgen.embedded import accounts
from cardgen.embedded.accounts import Account, AccountUnusable
from cardgen.embedded.identity import NAME

_LOAD = "import sys; sys.path.append(sys.argv[1]); import django, toolkit.exit_codes"

_IF_NEEDED = "IF-NEEDED"
_AS_ROOT = """\
  Web and workers run as root: the user 'pgserver' cannot run {python}
  or read the code. That will do to try cardgen out. For more, start it as an ordinary user.
"""


def application_account(var: Path, *, warn: Callable[[str], object]) -> Account | None:
    """Return the system user for the applications, whose folder VAR then is; None: ourselves.

    :raises AccountUnusable: if it cannot run Python or read the code, or cannot enter VAR
    """
    allowed = settings.CARDGEN_ALLOW_ROOT
    account = None if allowed == "1" else accounts.server_account()
    if account is None:
        return None
    if not accounts.can(account, sys.executable, "-c", _LOAD, str(settings.BASE_DIR)):
        if allowed == _IF_NEEDED:
            warn(_AS_ROOT.format(python=Path(sys.executable).resolve()))
            return None
        raise AccountUnusable(
            f"Started by root, web and workers run as the user '{NAME}', who cannot run "
            f"{Path(sys.executable).resolve()} or read {settings.BASE_DIR}: others may not enter "
            "one of the folders above. Start cardgen as an ordinary user, or use a Python and a "
            "folder that everybody may enter (after `make clean`), or let them run as root: "
            "CARDGEN_ALLOW_ROOT=1"
        )
    accounts.hand_over(var, account)
    return account
