"""Work that can wait a moment, done for many at once in a thread of its own."""

import logging
import os
import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Gatherer(Generic[K, V]):
    """Gathers values by key and hands them on some time later. What the process held dies with it.

    The thread ends when there is nothing more, and the next value starts another. A forked child
    begins with nothing: what its parent gathered is the parent's to hand on.

    :param hand_on: called with a key and its values, in the order they came
    :param seconds: how long values are gathered
    """

    def __init__(self, hand_on: Callable[[K, list[V]], object], *, seconds: float) -> None:
        self._hand_on = hand_on
        self._seconds = seconds
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._gathered: dict[K, list[V]] = {}
        self._lock, self._handing_on = threading.Lock(), threading.Lock()
        self._works = False

    def add(self, key: K, value: V) -> None:
        """Take a value; returns at once, and never raises."""
        with self._lock:
            self._gathered.setdefault(key, []).append(value)
            if self._works:
                return
            self._works = True
        try:
            threading.Thread(target=self._work, daemon=True).start()
        except RuntimeError:  # no more threads now: the next value tries again
            self._works = False

    def flush(self) -> None:
        """Hand on what there is, now and here; return when all that came before is handed on."""
        with self._handing_on:
            with self._lock:
                found = self._take()
            self._hand_on_all(found)

    def _work(self) -> None:
        goes_on = True
        while goes_on:
            time.sleep(self._seconds)
            with self._handing_on:
                with self._lock:
                    found = self._take()
                    self._works = goes_on = bool(found)
                self._hand_on_all(found)

    def _take(self) -> dict[K, list[V]]:
        found, self._gathered = self._gathered, {}
        return found

    def _hand_on_all(self, found: dict[K, list[V]]) -> None:
        for key, values in found.items():
            try:
                self._hand_on(key, values)
            except Exception:  # whatever it is: with the thread all later values would be lost
                logger.exception("what was gathered could not be handed on")
