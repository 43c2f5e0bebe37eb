"""Lease a chunk, mint it, commit it whole."""

from jobs.work.heartbeat import SILENT, start
from jobs.work.leases import (
    MAX_ATTEMPTS,
    born_claimed,
    claim_created,
    claim_in,
    claim_next,
    running,
)
from jobs.work.loop import finish_top_ups, run_here, work
from jobs.work.minting import execute
from jobs.work.progress import announce

__all__ = [
    "MAX_ATTEMPTS",
    "SILENT",
    "announce",
    "born_claimed",
    "claim_created",
    "claim_in",
    "claim_next",
    "execute",
    "finish_top_ups",
    "run_here",
    "running",
    "start",
    "work",
]
