"""Put right what stopped, forget what is old."""

from jobs.upkeep.reconciling import reconcile
from jobs.upkeep.restore import Restored, advance_cursors, unseen
from jobs.upkeep.retention import (
    MOST_DAYS,
    cards_left,
    due,
    forget_jobs,
    forgettable,
    purge_cards,
    purge_some,
)
from jobs.upkeep.settling import clean_up, give_up

__all__ = [
    "MOST_DAYS",
    "Restored",
    "advance_cursors",
    "cards_left",
    "clean_up",
    "due",
    "forget_jobs",
    "forgettable",
    "give_up",
    "purge_cards",
    "purge_some",
    "reconcile",
    "unseen",
]
