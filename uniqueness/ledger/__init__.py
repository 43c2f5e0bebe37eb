"""Layers 1 and 2: the cards that were issued, each once."""

from uniqueness.ledger.few import insertion, is_refusal
from uniqueness.ledger.renewals import Renewable, Renewed, keep, lock_issued, renewals_of
from uniqueness.ledger.rows import count, read, record, write

__all__ = [
    "Renewable",
    "Renewed",
    "count",
    "insertion",
    "is_refusal",
    "keep",
    "lock_issued",
    "read",
    "record",
    "renewals_of",
    "write",
]
