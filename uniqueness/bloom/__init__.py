"""Layer 4: a Bloom filter for each window of a million slots. Only a hint: lost, nothing breaks."""

from uniqueness.bloom.exporting import export, file_name
from uniqueness.bloom.filters import certainly_absent
from uniqueness.bloom.minting import before_record, hold_off_sealing, unsealing
from uniqueness.bloom.sbbf import Filter, contains
from uniqueness.bloom.store import EVENTS, answers, believed, counters
from uniqueness.bloom.syncing import SyncPlan, SyncReport, carry_out, plan, sync
from uniqueness.bloom.windows import PER_RANGE, used

__all__ = [
    "EVENTS",
    "PER_RANGE",
    "Filter",
    "SyncPlan",
    "SyncReport",
    "answers",
    "before_record",
    "believed",
    "carry_out",
    "certainly_absent",
    "contains",
    "counters",
    "export",
    "file_name",
    "hold_off_sealing",
    "plan",
    "sync",
    "unsealing",
    "used",
]
