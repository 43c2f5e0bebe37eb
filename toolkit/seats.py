"""Places: so many at once in a service and no more, in all its processes on this machine together.

A place is a byte of a file, and it is taken by whoever has it locked (POSIX record locks). The
kernel frees what a process held, however it ends. A process cannot lock itself out, so each also
knows its own places.
"""

import fcntl
import os
import threading
from functools import cached_property
from pathlib import Path

from django.conf import settings


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

    A process has one object of a name: closing the file of another would free all places.
    """

    def __init__(self, name: str, most: int, *, of_one: int | None = None) -> None:
        self._name, self._most, self._of_one = name, most, of_one
        self._held: set[int] = set()
        # A place may be given up in the midst of taking one: when its last holder is collected.
        self._lock = threading.RLock()

    def take(self, user: int = 0) -> Seat | None:
        """Take a place for a user, by primary key; None if there is none left."""
        groups = [range(self._most)]
        if self._of_one is not None:  # the user's own places come after those of all
            first = self._most + user * self._of_one
            groups.append(range(first, first + self._of_one))
        with self._lock:
            at = [place for group in groups if (place := self._one_of(group)) is not None]
            if len(at) == len(groups):
                return Seat(self, at)
            self.leave(at)
            return None

    def leave(self, at: list[int]) -> None:
        """Free places."""
        with self._lock:
            for place in at:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)
            self._held.difference_update(at)

    def _one_of(self, group: range) -> int | None:
        """Lock a byte that nobody has, neither here nor in another process."""
        for place in group:
            if place not in self._held and self._locks(place):
                self._held.add(place)
                return place
        return None

    def _locks(self, place: int) -> bool:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except (BlockingIOError, PermissionError):  # POSIX allows either
            return False
        return True

    @cached_property
    def _file(self) -> int:
        """Open the file at the first question, for as long as the process lives."""
        folder: Path = settings.CARDGEN_PLACES
        folder.mkdir(parents=True, exist_ok=True)
        return os.open(folder / self._name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
