"""Layers 1 and 2: the cards that were issued, each once."""

from uniqueness.ledger.renewals import Renewable, keep, lock_issued
from uniqueness.ledger.rows import copy, count, read, record, write

__all__ = ["Renewable", "copy", "count", "keep", "lock_issued", "read", "record", "write"]
