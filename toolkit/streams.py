"""Send pieces from the request's thread, with no database connection held in between."""

import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from functools import wraps
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import connection

from toolkit.seats import Seat

P = ParamSpec("P")
T = TypeVar("T")
_GZIP_LEVEL = 1  # level 6 makes digits 12 % smaller and takes five times as long
_GZIP_CONTAINER = 31  # zlib's wbits for a gzip header and trailer (RFC 1952)


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
