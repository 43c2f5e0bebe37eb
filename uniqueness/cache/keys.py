"""The keys of the cache, derived from the master key by HKDF (RFC 5869) with SHA-256."""

from dataclasses import dataclass, field
from functools import lru_cache

from django.conf import settings

from generation.kernel.keys import hkdf


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheKeys:
    """32 bytes each: for tokens, for the proof of an answer, and for that of a shared value."""

    token: bytes = field(repr=False)
    answer: bytes = field(repr=False)
    shared: bytes = field(repr=False)


def cache_keys() -> CacheKeys:
    """Return the keys under the master key of the settings."""
    return _derive(settings.CARDGEN_MASTER_KEY)


@lru_cache(maxsize=4)
def _derive(master_key: bytes) -> CacheKeys:
    def expand(purpose: str) -> bytes:
        # No range has these: theirs are "cardgen/1/{permutation,fields,check value}/…".
        return hkdf(master_key, info=f"cardgen/1/cache/{purpose}")

    return CacheKeys(token=expand("token"), answer=expand("answer"), shared=expand("shared"))
