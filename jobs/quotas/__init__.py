"""How much may be ordered, by a user or a key."""

from jobs.quotas.counting import (
    QuotaExceeded,
    admit,
    admit_renewals,
    count_anew,
    forget_renewals,
    usage,
)
from jobs.quotas.limits import MOST, Holder, Limits, Orderer, Subject, Unit, limits_of, set_limits

__all__ = [
    "MOST",
    "Holder",
    "Limits",
    "Orderer",
    "QuotaExceeded",
    "Subject",
    "Unit",
    "admit",
    "admit_renewals",
    "count_anew",
    "forget_renewals",
    "limits_of",
    "set_limits",
    "usage",
]
