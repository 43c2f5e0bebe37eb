"""Lease a chunk, mint it, commit it whole."""

from jobs.work.heartbeat import SILENT, beat, keep_beating
from jobs.work.leases import (
    MAX_ATTEMPTS,
    MAX_LEASES,
    PAUSE,
    create_leased,
    is_at_rest,
    lease_in,
    lease_next,
    running,
    worker_name,
)
from jobs.work.loop import finish, run_here, work
from jobs.work.minting import execute
from jobs.work.progress import announce, announce_soon
from jobs.work.totals import CARDS, CHUNK_SECONDS

__all__ = [
    "CARDS",
    "CHUNK_SECONDS",
    "MAX_ATTEMPTS",
    "MAX_LEASES",
    "PAUSE",
    "SILENT",
    "announce",
    "announce_soon",
    "beat",
    "create_leased",
    "execute",
    "finish",
    "is_at_rest",
    "keep_beating",
    "lease_in",
    "lease_next",
    "run_here",
    "running",
    "work",
    "worker_name",
]
