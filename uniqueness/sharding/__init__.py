"""The ledger over several servers: whether it is, and how it comes there (Citus)."""

from uniqueness.sharding.distributing import (
    BY_SLOT,
    SETTINGS,
    Step,
    TableBusy,
    carry_out,
    make_whole,
    steps,
    unset,
)
from uniqueness.sharding.grouping import by_shard
from uniqueness.sharding.nodes import OfShard, Unmet, on_shards, unmet
from uniqueness.sharding.state import is_distributed

__all__ = [
    "BY_SLOT",
    "SETTINGS",
    "OfShard",
    "Step",
    "TableBusy",
    "Unmet",
    "by_shard",
    "carry_out",
    "is_distributed",
    "make_whole",
    "on_shards",
    "steps",
    "unmet",
    "unset",
]
