"""Where text comes from: files, standard input and gzip, read once, in constant memory."""

import gzip
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from uniqueness.imports.lines import Readable, UnreadableFile

STDIN = "-"
HEAD = 4_096
"""So many bytes tell what a file is."""
_GZIP = b"\x1f\x8b"
_PACKED = {
    b"PK\x03\x04": "zip or a workbook",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstandard",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
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


class _Unzipped:
    """What a gzip stream (RFC 1952, also of several members) holds."""

    def __init__(self, packed: Readable) -> None:
        self._file = gzip.GzipFile(fileobj=packed)  # type: ignore[call-overload]  # only read

    def read(self, size: int, /) -> bytes:
        try:
            piece: bytes = self._file.read(size)
        except (gzip.BadGzipFile, EOFError, zlib.error):
            raise UnreadableFile("the gzip data is damaged or ends too early") from None
        return piece


@contextmanager
def opened(name: str, *, tell: Tell = lambda _: None) -> Iterator[Source]:
    """Open a file, or standard input for `-`. A file is read as far as it reaches now.

    :param tell: told how many bytes were read, each time
    :raises UnreadableFile: if it cannot be opened; says why
    """
    if name == STDIN:
        yield Source(sys.stdin.buffer, most=None, tell=tell)
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 (what is raised while it is read is not ours)
    except OSError as error:
        raise UnreadableFile(str(error.strerror)) from None
    with file:
        yield Source(file, most=size_of(name), tell=tell)


def size_of(name: str) -> int | None:
    """Return a regular file's size in bytes; None for what has none, or does not say."""
    try:
        found = Path(name).stat()
    except OSError:
        return None
    return found.st_size or None if stat.S_ISREG(found.st_mode) else None


def unpacked(stream: Readable) -> Readable:
    """Return what gzip data holds, or what is no gzip data as it stands.

    :raises UnreadableFile: at once for other packed files, while reading for damaged gzip data
    """
    head = stream.read(HEAD)
    for magic, kind in _PACKED.items():
        if head.startswith(magic):
            raise UnreadableFile(f"it is {kind}, and only gzip is looked into: unpack it first")
    whole = Rejoined(head, stream)
    return _Unzipped(whole) if head.startswith(_GZIP) else whole
