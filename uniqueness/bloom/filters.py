"""Ask sealed filters: a "no" is certain, everything else is left to the ledger."""

from collections import OrderedDict
from collections.abc import Iterator
from threading import Lock

import numpy as np
from django.conf import settings
from django.db import connection
from numpy.typing import NDArray

from uniqueness.bloom import sbbf, store
from uniqueness.bloom.sbbf import Filter, Pans

LOAD_AFTER = 1_000
"""So many numbers of a window are asked for before its filter is fetched: that takes 5 to 20 ms,
as long as the ledger takes for so many."""
MOST_LOADS = 8
"""In one call, so that numbers from everywhere cannot fetch gigabytes."""
_MOST_ASKED = 10_000
_SEALED = """
    SELECT "window", version, digest FROM uniqueness_windowfilter
    WHERE "window" = ANY(%s) AND digest IS NOT NULL
"""
Sealed = tuple[int, int, bytes]  # window, version, digest


class Shelf:
    """The filters used last, by window and digest; holds CARDGEN_BLOOM_FILTERS at most."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._filters: OrderedDict[tuple[int, bytes], Filter] = OrderedDict()
        self._asked: dict[int, int] = {}

    def find(self, sealed: Sealed) -> Filter | None:
        """Return a filter that is here."""
        window, _, wanted = sealed
        with self._lock:
            found = self._filters.get((window, wanted))
            if found is not None:
                self._filters.move_to_end((window, wanted))
            return found

    def is_worth_loading(self, window: int, *, numbers: int) -> bool:
        """Count numbers that a filter was missing for; tell whether they are enough by now."""
        with self._lock:
            asked = self._asked.pop(window, 0) + numbers
            if asked >= LOAD_AFTER:
                return True
            if len(self._asked) >= _MOST_ASKED:
                self._asked.clear()
            self._asked[window] = asked
            return False

    def load(self, sealed: Sealed) -> Filter | None:
        """Fetch a filter; None if it is not there, or not what was sealed."""
        window, version, wanted = sealed
        store.counters.add("loads")
        text = store.get(window=window, version=version, wanted=wanted)
        if text is None:
            return None
        bloom = np.frombuffer(text, dtype=np.uint8)
        with self._lock:
            self._filters[window, wanted] = bloom
            while len(self._filters) > settings.CARDGEN_BLOOM_FILTERS:
                self._filters.popitem(last=False)
        return bloom


shelf = Shelf()


def certainly_absent(*, windows: NDArray[np.int64], pans: Pans) -> NDArray[np.bool_]:
    """Tell for each of N PANs whether it is certain that the ledger has no card with that number.

    One query. What was sealed when it ran is answered for that moment.

    :param windows: packed slot // 10^6 of each PAN by arithmetic, -1 for what is in no range
    """
    absent = np.zeros(pans.size, dtype=np.bool_)
    if settings.CARDGEN_BLOOM_FILTERS > 0 and pans.size:
        loads = MOST_LOADS
        for sealed, group in _groups(windows):
            bloom = shelf.find(sealed)
            if bloom is None and loads and shelf.is_worth_loading(sealed[0], numbers=group.size):
                loads -= 1
                bloom = shelf.load(sealed)
            if bloom is not None:
                absent[group] = ~sbbf.contains(bloom, pans[group])
    hits = int(absent.sum())
    store.counters.add("hits", hits)
    store.counters.add("misses", pans.size - hits)
    return absent


def _groups(windows: NDArray[np.int64]) -> Iterator[tuple[Sealed, NDArray[np.intp]]]:
    """Part N numbers by window; give each sealed one with the places of its numbers."""
    order = np.argsort(windows, kind="stable")
    found, starts = np.unique(windows[order], return_index=True)
    groups = dict(zip(found.tolist(), np.split(order, starts[1:]), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_SEALED, [list(groups)])
        for window, version, sealed in cursor.fetchall():
            yield (window, version, bytes(sealed)), groups[window]
