"""Is this installation ready for the version of this code?"""

from cardgen.upgrade.checks import NOT_SETTINGS, Finding, State, look, unknown_settings
from cardgen.upgrade.locking import LARGE, held_up
from cardgen.upgrade.migrations import steps

__all__ = [
    "LARGE",
    "NOT_SETTINGS",
    "Finding",
    "State",
    "held_up",
    "look",
    "steps",
    "unknown_settings",
]
