"""Layer 4: does each filter that is believed hold the cards of its window?

Who asks believes a filter if its bytes are those that were sealed. One that lacks a card all the
same would have our own card called a stranger's.
"""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from django.conf import settings
from django.db import connection
from numpy.typing import NDArray

from uniqueness import bloom

Sealed = tuple[int, bytes]  # version, digest

_AT_HAND = 8  # 2 MiB each; blocks come in the order of their windows
_SEALED = """
    SELECT "window", version, digest FROM uniqueness_windowfilter WHERE digest IS NOT NULL
"""
_OFF = "filters are switched off (CARDGEN_BLOOM_FILTERS=0)"
_AWAY = "the cache server, which has the filters, does not answer"


def why_not() -> str:
    """Say why filters cannot be looked at; empty if they can."""
    if not settings.CARDGEN_BLOOM_FILTERS:
        return _OFF
    return "" if bloom.answers() else _AWAY


class SealedFilters:
    """Filters by window, each fetched as the first of its cards is looked at."""

    def __init__(self, sealed: Mapping[int, Sealed]) -> None:
        self._sealed = sealed
        self._fetched = lru_cache(maxsize=_AT_HAND)(self._fetch)

    def lack(self, window: int, *, pans: NDArray[np.bytes_]) -> NDArray[np.bool_]:
        """Tell of each of N cards of a window whether its filter, if there is one, lacks it."""
        found = self._fetched(window)
        if found is None:
            return np.zeros(pans.size, dtype=np.bool_)
        return ~bloom.contains(found, pans)

    def _fetch(self, window: int) -> bloom.Filter | None:
        if window not in self._sealed:
            return None
        version, digest = self._sealed[window]
        return bloom.believed(window=window, version=version, digest=digest)


def load() -> SealedFilters:
    """Read which filters are sealed, at the caller's moment."""
    with connection.cursor() as cursor:
        cursor.execute(_SEALED)
        sealed = {window: (version, bytes(digest)) for window, version, digest in cursor}
    return SealedFilters(sealed)
