"""Pieces are read one ahead of whom they are sent to, and packed as gzip says."""

import asyncio
import gzip
from collections.abc import Iterator
from contextlib import aclosing

import pytest

from tests.support.waiting import wait_until
from toolkit.streams import gzipped, in_thread


class Reading:
    """A source that knows how many of its pieces were read, and whether it was given up."""

    def __init__(self, pieces: list[bytes], *, fails: bool = False) -> None:
        self.read = 0
        self.ended = False
        self._pieces, self._fails = pieces, fails

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self._pieces:
                self.read += 1
                yield piece
            if self._fails:
                raise ValueError("gone")
        finally:
            self.ended = True


async def _sent(reading: Reading) -> list[bytes]:
    return [piece async for piece in in_thread(iter(reading))]


def test_all_pieces_come_in_order_behind_an_empty_one():
    assert asyncio.run(_sent(Reading([b"a", b"", b"b"]))) == [b"", b"a", b"b"]


def test_one_piece_is_read_ahead_and_no_other():
    reading = Reading([b"a", b"b", b"c", b"d"])

    async def look() -> int:
        async with aclosing(in_thread(iter(reading))) as pieces:
            assert [await anext(pieces), await anext(pieces)] == [b"", b"a"]
            await asyncio.to_thread(wait_until, lambda: reading.read == 2)
            await asyncio.sleep(0.1)
            return reading.read

    assert asyncio.run(look()) == 2


def test_what_fails_ahead_is_told_after_what_came_before():
    reading, sent = Reading([b"a"], fails=True), list[bytes]()

    async def take() -> None:
        async for piece in in_thread(iter(reading)):
            sent.append(piece)

    with pytest.raises(ValueError, match="gone"):
        asyncio.run(take())
    assert sent == [b"", b"a"]


def test_a_stream_that_is_given_up_leaves_nothing_behind(caplog):
    reading = Reading([b"a"], fails=True)

    async def give_up() -> None:
        async with aclosing(in_thread(iter(reading))) as pieces:
            await anext(pieces)
            await anext(pieces)

    asyncio.run(give_up(), debug=True)
    assert reading.ended
    assert not [record for record in caplog.records if "never retrieved" in record.message]


def test_packed_pieces_are_one_gzip_file():
    pieces = [b"4000,12/30\n" * 5_000, b"", b"tail"]
    assert gzip.decompress(b"".join(gzipped(iter(pieces)))) == b"".join(pieces)
