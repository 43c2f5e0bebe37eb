"""Is this installation ready for the version of this code?"""

from cardgen.upgrade.checks import (
    NOT_SETTINGS,
    Finding,
    State,
    look,
    settings_meant,
    unknown_settings,
)
from cardgen.upgrade.locking import LARGE, held_up
from cardgen.upgrade.migrations import steps
from cardgen.upgrade.sessions import Session, end_session, lock_holders

__all__ = [
    "LARGE",
    "NOT_SETTINGS",
    "Finding",
    "Session",
    "State",
    "end_session",
    "held_up",
    "lock_holders",
    "look",
    "settings_meant",
    "steps",
    "unknown_settings",
]
