"""Whose files are ours. Settings ask this at every start, so it loads nothing."""

import contextlib
import os
import pwd

NAME = "pgserver"
"""The system user that the servers run as when we are root, and the applications too."""


def own_uids() -> set[int]:
    """Return the users whose files are ours: ourselves and, if we are root, the system user."""
    found = {os.geteuid()}
    if os.geteuid() == 0:
        with contextlib.suppress(KeyError):  # never made here
            found.add(pwd.getpwnam(NAME).pw_uid)
    return found
