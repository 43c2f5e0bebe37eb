"""The ledger over several servers: whether it is, and how it comes there (Citus)."""

from uniqueness.sharding.distributing import (
    BY_SLOT,
    SETTINGS,
    SlotTaken,
    Step,
    StepFailed,
    TableBusy,
    carry_out,
    steps,
    unset,
)
from uniqueness.sharding.grouping import by_shard
from uniqueness.sharding.guard import AtWork, alone, lacking
from uniqueness.sharding.nodes import OfShard, Unmet, half_committed, on_shards, unmet
from uniqueness.sharding.state import is_distributed
from uniqueness.sharding.undoing import is_unfinished, make_whole, steps_back

__all__ = [
    "BY_SLOT",
    "SETTINGS",
    "AtWork",
    "OfShard",
    "SlotTaken",
    "Step",
    "StepFailed",
    "TableBusy",
    "Unmet",
    "alone",
    "by_shard",
    "carry_out",
    "half_committed",
    "is_distributed",
    "is_unfinished",
    "lacking",
    "make_whole",
    "on_shards",
    "steps",
    "steps_back",
    "unmet",
    "unset",
]
