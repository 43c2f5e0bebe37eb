"""Who web, worker, beat and reconciler run as: never root, unless that is asked for."""

import sys
from pathlib import Path

from django.conf import settings

from cardgen.embedded import accounts
from cardgen.embedded.accounts import Account, AccountUnusable
from cardgen.embedded.identity import NAME

_LOAD = "import sys; sys.path.append(sys.argv[1]); import django, toolkit.exit_codes"


def application_account(var: Path) -> Account | None:
    """Return the system user for the applications, whose folder VAR then is; None: ourselves.

    :raises AccountUnusable: if it cannot run Python or read the code, or cannot enter VAR
    """
    account = None if settings.CARDGEN_ALLOW_ROOT else accounts.server_account()
    if account is None:
        return None
    if not accounts.can(account, sys.executable, "-c", _LOAD, str(settings.BASE_DIR)):
        raise AccountUnusable(
            f"Started by root, web and workers run as the user '{NAME}', who cannot run "
            f"{Path(sys.executable).resolve()} or read {settings.BASE_DIR}: others may not enter "
            "one of the folders above. Start cardgen as an ordinary user, or use a Python and a "
            "folder that everybody may enter (after `make clean`), or let them run as root: "
            "CARDGEN_ALLOW_ROOT=1"
        )
    accounts.hand_over(var, account)
    return account
