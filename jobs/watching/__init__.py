"""How far jobs are."""

from jobs.watching.pace import figures
from jobs.watching.queries import RECENT, page, recent, snapshot, visible, visible_to
from jobs.watching.queue import QueueFigures, look, paused
from jobs.watching.troubles import retries_of

__all__ = [
    "RECENT",
    "QueueFigures",
    "figures",
    "look",
    "page",
    "paused",
    "recent",
    "retries_of",
    "snapshot",
    "visible",
    "visible_to",
]
