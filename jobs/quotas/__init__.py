"""How much may be ordered, by a user or a key."""

from jobs.quotas.counting import (
    QuotaExceeded,
    admit,
    admit_renewals,
    count_anew,
    exceeded,
    usage,
)
from jobs.quotas.limits import MOST, Holder, Limits, Orderer, Subject, Unit, limits_of, set_limits
from jobs.quotas.taking import counting_part, forget

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
    "counting_part",
    "exceeded",
    "forget",
    "limits_of",
    "set_limits",
    "usage",
]
