"""Send pieces from the request's thread, with no database connection held in between."""

import threading
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from functools import wraps
from typing import ParamSpec, TypeVar
from weakref import WeakSet

from asgiref.sync import sync_to_async
from django.db import connection

P = ParamSpec("P")
T = TypeVar("T")
_GZIP_LEVEL = 1  # level 6 makes digits 12 % smaller and takes five times as long
_GZIP_CONTAINER = 31  # zlib's wbits for a gzip header and trailer (RFC 1952)


class Seat:
    """A place taken, until its `with` block ends or nobody holds it any more.

    A response that is never sent is dropped without a word: its stream does not even begin.
    """

    def __init__(self, places: "Seats", user: object) -> None:
        self.user = user
        self._places = places

    def __enter__(self) -> None:
        """Keep it."""

    def __exit__(self, *_: object) -> None:
        self._places.leave(self)


class Seats:
    """So many at once in this process and no more, and of one user so many; any thread may ask."""

    def __init__(self, most: int, *, of_one: int | None = None) -> None:
        self._most, self._of_one = most, of_one or most
        self._taken: WeakSet[Seat] = WeakSet()
        self._lock = threading.Lock()

    def take(self, user: object = None) -> Seat | None:
        """Take a place for a user; None if there is none left."""
        with self._lock:
            users = [place.user for place in self._taken]
            if len(users) >= self._most or users.count(user) >= self._of_one:
                return None
            place = Seat(self, user)
            self._taken.add(place)
            return place

    def leave(self, place: Seat) -> None:
        """Free a place."""
        with self._lock:
            self._taken.discard(place)


def give_back() -> None:
    """Give this thread's database connection back to the pool: a slow client must not hold one."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def giving_back(function: Callable[P, T]) -> Callable[P, T]:
    """Have the connection given back after each call, also after one that fails."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        finally:
            give_back()

    return call


def holding(place: Seat, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Hold the place until the pieces end, or their thread is done with the last one asked for.

    A client that hangs up is gone at once; its thread may still be writing a large file.
    """
    with place:
        yield from pieces


async def in_thread(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Read in the request's thread: under ASGI a plain iterator would be loaded whole.

    The first piece is empty: a server sends the head with it, for the next one may take a while.

    Each piece read gives the connection back. When a stream fails, Django never says that the
    request is finished, so nobody else would. An empty one is not sent: it says that there will be
    more, and lets the reading end here if the client has gone.
    """
    yield b""
    following = sync_to_async(giving_back(_next), thread_sensitive=True)
    while (piece := await following(pieces)) is not None:
        if piece:
            yield piece


def gzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Compress on the way."""
    packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_CONTAINER)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()


def _next(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)
