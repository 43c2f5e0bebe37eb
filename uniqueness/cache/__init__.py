"""Layer 5: a cache. Only a hint: wiped, cold, lying or absent, all answers stay right.

`answers` remembers issued numbers, `shared` keeps what is costly to compute; the client of the
cache server comes from `toolkit.valkey`.
"""

from uniqueness.cache.answers import figures
from uniqueness.cache.entries import Issued
from uniqueness.cache.events import TOTAL
from uniqueness.cache.keys import cache_keys
from uniqueness.cache.shared import SharedValues, cached
from uniqueness.cache.token_cipher import LONGEST_PAN, pans_of, tokens
from uniqueness.cache.warming import CacheUnreachable, WarmPlan, carry_out, plan

__all__ = [
    "LONGEST_PAN",
    "TOTAL",
    "CacheUnreachable",
    "Issued",
    "SharedValues",
    "WarmPlan",
    "cache_keys",
    "cached",
    "carry_out",
    "figures",
    "pans_of",
    "plan",
    "tokens",
]
