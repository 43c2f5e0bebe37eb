"""The rules: what is unlike normal use. A new one is a class here, a name, a row in the docs."""

from cardgen.anomalies.rules.asking import Enumeration, FilterHarvest, RefusedRanges
from cardgen.anomalies.rules.keys import KeyRate, NewNetwork
from cardgen.anomalies.rules.logins import FailedLogins
from cardgen.anomalies.rules.ranges import RangeShare
from cardgen.anomalies.rules.rule import Finding, Rule

RULES: tuple[Rule, ...] = (
    KeyRate(),
    Enumeration(),
    FilterHarvest(),
    RefusedRanges(),
    NewNetwork(),
    FailedLogins(),
    RangeShare(),
)

__all__ = [
    "RULES",
    "Enumeration",
    "FailedLogins",
    "FilterHarvest",
    "Finding",
    "KeyRate",
    "NewNetwork",
    "RangeShare",
    "RefusedRanges",
    "Rule",
]
