"""Where text comes from: files, standard input, packed or not, read once, in constant memory."""

import bz2
import gzip
import lzma
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from toolkit.reading import STDIN, Readable, UnreadableFile, opened

HEAD = 4_096
"""So many bytes tell what a file is."""
_DEEPEST = 4
"""A file packed more often was made to waste time."""
_REFUSED = {
    b"PK\x03\x04": "zip or a workbook",
    b"\x28\xb5\x2f\xfd": "zstandard",
    b"\x04\x22\x4d\x18": "lz4",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!\x1a\x07": "RAR",
    b"LZIP": "lzip",
    b"\x89LZO": "lzop",
    b"\x1f\x9d": "compress",
    b"\xff\x06\x00\x00sNaPpY": "snappy",
    b"PGDMP": "a dump of pg_dump's own form",
    b"PAR1": "Parquet",
    b"%PDF-": "PDF",
}

Tell = Callable[[int], object]


class Source:
    """A stream that tells how many bytes were read, and ends after `most` of them."""

    def __init__(self, stream: BinaryIO, *, most: int | None, tell: Tell) -> None:
        self._file, self._left, self._tell = stream, most, tell

    def read(self, size: int, /) -> bytes:
        """Return `size` bytes, fewer only at the end.

        :raises UnreadableFile: if the system cannot
        """
        wanted = size if self._left is None else min(size, self._left)
        text = b"".join(self._parts(wanted))
        if self._left is not None:
            self._left -= len(text)
        return text

    def _parts(self, wanted: int) -> Iterator[bytes]:
        # One call of the system after the other: a buffered read of a pipe that gets its data bit
        # by bit goes on in C after Ctrl-C.
        while wanted:
            try:
                part = self._file.read1(wanted)  # type: ignore[attr-defined]  # BufferedReader
            except OSError as error:
                raise UnreadableFile(error.strerror or "it cannot be read") from None
            if not part:
                return
            wanted -= len(part)
            self._tell(len(part))
            yield part


class Rejoined:
    """A stream whose beginning was read already."""

    def __init__(self, head: bytes, rest: Readable) -> None:
        self._head, self._rest = head, rest

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""
        if not self._head:
            return self._rest.read(size)
        piece, self._head = self._head[:size], self._head[size:]
        return piece


class _Inflater:
    """Zlib data (RFC 1950) as a file."""

    def __init__(self, packed: Readable) -> None:
        self._packed, self._inflater = packed, zlib.decompressobj()

    def read1(self, size: int, /) -> bytes:
        while not self._inflater.eof:
            piece = self._inflater.unconsumed_tail or self._packed.read(HEAD)
            if not piece:
                raise EOFError
            if text := self._inflater.decompress(piece, size):
                return text
        if self._inflater.unused_data or self._packed.read(1):
            raise EOFError
        return b""


class _Unpacked:
    """What packed data holds, up to where it is damaged."""

    def __init__(self, file: Any, kind: str) -> None:
        self._file, self._kind, self._damaged = file, kind, False

    def read(self, size: int, /) -> bytes:
        """Return `size` bytes, fewer only at the end.

        :raises UnreadableFile: if no more can be unpacked
        """
        if self._damaged:
            raise UnreadableFile(f"the {self._kind} data is damaged or ends too early")
        parts: list[bytes] = []
        try:
            while size and (part := self._file.read1(size)):
                parts.append(part)
                size -= len(part)
        except (OSError, EOFError, zlib.error, lzma.LZMAError):
            self._damaged = True
            if not parts:
                return self.read(size)
        return b"".join(parts)


@contextmanager
def source_named(name: str, *, tell: Tell = lambda _: None) -> Iterator[Source]:
    """Open a file, or standard input for `-`. A file is read as far as it reaches now.

    :param tell: told how many bytes were read, each time
    :raises UnreadableFile: if it cannot be opened; says why
    """
    with opened(name) as file:
        yield Source(file, most=None if name == STDIN else size_of(name), tell=tell)


def size_of(name: str) -> int | None:
    """Return a regular file's size in bytes; None for what has none, or does not say."""
    try:
        found = Path(name).stat()
    except OSError:
        return None
    return found.st_size or None if stat.S_ISREG(found.st_mode) else None


def unpacked(stream: Readable) -> Readable:
    """Return what packed data holds, packed several times too; other data as it stands.

    :raises UnreadableFile: for packed files that are not looked into and, while reading, for
        damaged data
    """
    for _ in range(_DEEPEST):
        head = stream.read(HEAD)
        for magic, kind in _REFUSED.items():
            if head.startswith(magic):
                raise UnreadableFile(f"it is {kind}, which is not looked into: unpack it first")
        whole = Rejoined(head, stream)
        inside = _inside(head, whole)
        if inside is None:
            return whole
        stream = inside
    raise UnreadableFile(f"it is packed {_DEEPEST} times or more: unpack it first")


def _inside(head: bytes, packed: Any) -> Readable | None:
    """Return what the data holds, if they are packed in a way that Python can read."""
    if head.startswith(b"\x1f\x8b"):
        return _Unpacked(gzip.GzipFile(fileobj=packed), "gzip")
    if head.startswith(b"BZh"):
        return _Unpacked(bz2.BZ2File(packed), "bzip2")
    if head.startswith(b"\xfd7zXZ\0") or _unpacks(lzma.LZMADecompressor, head, b"\x5d\0\0"):
        return _Unpacked(lzma.LZMAFile(packed), "xz")
    if _unpacks(zlib.decompressobj, head, b"\x78"):
        return _Unpacked(_Inflater(packed), "zlib")
    return None


def _unpacks(decompressor: Callable[[], Any], head: bytes, magic: bytes) -> bool:
    """Tell packed data from a text that begins like them."""
    try:
        return head.startswith(magic) and decompressor().decompress(head) is not None
    except (zlib.error, lzma.LZMAError):
        return False
