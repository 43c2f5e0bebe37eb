"""Places: so many at once in a service and no more, in all its processes on this machine together.

A place is a byte of a file, and it is taken by whoever has it locked (POSIX record locks). The
kernel frees what a process held, however it ends. A process cannot lock itself out, so each also
knows its own places.

Where no file can be locked (a folder that only may be read, a file of another account, a file
system without locks), each process counts for itself, and says so once.
"""

import fcntl
import logging
import os
import secrets
import threading
from functools import cached_property
from itertools import chain
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)
_KEPT_PART = 4  # one in so many places is kept for users who hold none


class Seat:
    """A place taken, until its `with` block ends or nobody holds it any more.

    A response that is never sent is dropped without a word: its stream does not even begin.
    """

    def __init__(self, places: "Seats", at: list[int]) -> None:
        self._places, self._at = places, at

    def __enter__(self) -> None:
        """Keep it."""

    def __exit__(self, *_: object) -> None:
        self._leave()

    def __del__(self) -> None:
        self._leave()

    def _leave(self) -> None:
        at, self._at = self._at, []
        self._places.leave(at)


class Seats:
    """So many at once in this service, and of one user so many; any thread may ask.

    Where users have a limit, the last quarter of the places is for those who hold none: two who
    take all they can leave something to a third.

    A process has one object of a name: closing the file of another would free all places.
    """

    def __init__(self, name: str, most: int, *, of_one: int | None = None) -> None:
        self._name, self._most, self._of_one = name, most, of_one or 0
        self._for_all = most if of_one is None else most - most // _KEPT_PART
        self._held: set[int] = set()
        # A place may be given up in the midst of taking one: when its last holder is collected.
        self._lock = threading.RLock()

    def take(self, user: int = 0) -> Seat | None:
        """Take a place for a user, by primary key; None if there is none left."""
        first = self._most + user * self._of_one  # users' own places come after those of all
        with self._lock:
            own = self._either(first, first + 1, first + self._of_one) if self._of_one else None
            if self._of_one and own is None:
                return None
            end = self._most if own in (None, first) else self._for_all
            place = self._either(0, self._for_all, end)
            at = [found for found in (own, place) if found is not None]
            if place is not None:
                return Seat(self, at)
            self.leave(at)
            return None

    def leave(self, at: list[int]) -> None:
        """Free places."""
        with self._lock:
            for place in at:
                self._unlock(place)
            self._held.difference_update(at)

    def _either(self, begin: int, middle: int, end: int) -> int | None:
        """Lock a byte from the middle on only if none before it is free."""
        found = self._one_of(range(begin, middle))
        return self._one_of(range(middle, end)) if found is None and middle < end else found

    def _one_of(self, group: range) -> int | None:
        """Lock a byte that nobody has, neither here nor in another process.

        It begins anywhere: from the first on, each of a thousand would try all before it.
        """
        begin = secrets.randbelow(len(group))
        for place in chain(group[begin:], group[:begin]):
            if place not in self._held and self._locks(place):
                self._held.add(place)
                return place
        return None

    def _locks(self, place: int) -> bool:
        if self._file is None:
            return True
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except (BlockingIOError, PermissionError):  # POSIX allows either
            return False
        except OSError as error:
            self._file = None
            self._warn(error)
        return True

    def _unlock(self, place: int) -> None:
        if self._file is not None:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)

    @cached_property
    def _file(self) -> int | None:
        """Open the file at the first question, until the process ends; None if that fails."""
        folder: Path = settings.CARDGEN_PLACES
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return os.open(folder / self._name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            self._warn(error)
        return None

    def _warn(self, error: OSError) -> None:
        reason = error.strerror or type(error).__name__
        told = "places of %s: no lock on their file (%s): each process counts for itself"
        logger.warning(told, self._name, reason)
