"""How far jobs are."""

from jobs.watching.chunks import ChunkCell, ChunkCount, cells, counts, in_hand
from jobs.watching.folding import Fold, count, entries, together
from jobs.watching.names import wrong_owner, wrong_team
from jobs.watching.ownership import (
    controllable,
    controllable_by,
    own_jobs,
    readable,
    readable_by,
    team_names,
    teams_of,
    visible,
    visible_to,
)
from jobs.watching.pace import figures
from jobs.watching.queries import RECENT, page, recent, snapshot
from jobs.watching.queue import QueueFigures, look, paused, serving
from jobs.watching.stretches import Stretch, history
from jobs.watching.troubles import Retries, retries_of
from jobs.watching.under_way import Load, load

__all__ = [
    "RECENT",
    "ChunkCell",
    "ChunkCount",
    "Fold",
    "Load",
    "QueueFigures",
    "Retries",
    "Stretch",
    "cells",
    "controllable",
    "controllable_by",
    "count",
    "counts",
    "entries",
    "figures",
    "history",
    "in_hand",
    "load",
    "look",
    "own_jobs",
    "page",
    "paused",
    "readable",
    "readable_by",
    "recent",
    "retries_of",
    "serving",
    "snapshot",
    "team_names",
    "teams_of",
    "together",
    "visible",
    "visible_to",
    "wrong_owner",
    "wrong_team",
]
