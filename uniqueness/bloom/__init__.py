"""Layer 4: a Bloom filter for each window of a million slots. Only a hint: lost, nothing breaks."""

from uniqueness.bloom.exporting import export, file_name
from uniqueness.bloom.filters import certainly_absent
from uniqueness.bloom.minting import before_record, hold_off_sealing, unsealing
from uniqueness.bloom.store import EVENTS, counters
from uniqueness.bloom.syncing import SyncPlan, SyncReport, carry_out, plan, sync
from uniqueness.bloom.windows import PER_RANGE, used

__all__ = [
    "EVENTS",
    "PER_RANGE",
    "SyncPlan",
    "SyncReport",
    "before_record",
    "carry_out",
    "certainly_absent",
    "counters",
    "export",
    "file_name",
    "hold_off_sealing",
    "plan",
    "sync",
    "unsealing",
    "used",
]
