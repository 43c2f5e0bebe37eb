"""Lines of a file of any size, in constant memory."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from toolkit.refusals import Mistake

MOST_LINE = 65_536
"""Bytes of the longest line that is looked at; of a longer one only the beginning is kept."""

STDIN = "-"
_READ = 1 << 20  # about 60,000 lines of 16 digits
_BOM = b"\xef\xbb\xbf"
_OTHER_KINDS = {
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip or a workbook",
}


class UnreadableFile(Mistake):
    """The file cannot be opened or read, or is no text of one byte per digit."""

    code = "unreadable_file"


class Readable(Protocol):
    """Anything with bytes to read."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """Open a file, or standard input for `-`.

    :raises UnreadableFile: if it cannot be opened; says why
    """
    if name == STDIN:
        yield standard_input()
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 (what is raised while it is read is not ours)
    except OSError as error:
        raise UnreadableFile(str(error.strerror)) from None
    with file:
        yield file


def standard_input() -> BinaryIO:
    """Return the bytes of standard input.

    :raises UnreadableFile: if the command was started without one
    """
    if sys.stdin is None:  # started with <&-
        raise UnreadableFile("standard input is closed")
    return sys.stdin.buffer


def lines_of_stdin() -> Iterator[tuple[int, str]]:
    """Yield number (from 1) and text of the lines that are not blank, whatever bytes they hold.

    :raises UnreadableFile: as `blocks`
    """
    for number, line in enumerate(chain.from_iterable(blocks(_AsItComes())), start=1):
        if text := line.decode(errors="replace").strip():
            yield number, text


class _AsItComes:
    """Standard input without waiting for more than is there: a person may be typing."""

    def __init__(self) -> None:
        self.read = cast("BufferedReader", standard_input()).read1


def blocks(stream: Readable) -> Iterator[list[bytes]]:
    """Yield lines, without their ends, in blocks of about a megabyte.

    They end in LF or CRLF, or in CR if the file's beginning has no LF. A line of more than
    `MOST_LINE` bytes comes cut, but not below `MOST_LINE` + 1 bytes.

    :raises UnreadableFile: for UTF-16, compressed and other binary files
    """
    carry = b""
    for chunk in chunks(stream):
        whole, newline, carry = (carry + chunk).rpartition(b"\n")
        if newline:
            yield (whole + newline).replace(b"\r\n", b"\n")[:-1].split(b"\n")
        carry = carry[: MOST_LINE + 1]
    if carry:
        yield [carry.removesuffix(b"\r")]


def chunks(stream: Readable) -> Iterator[bytes]:
    """Yield what is read, as it is cut; lines end in LF, or in CRLF.

    :raises UnreadableFile: as `blocks`
    """
    first = stream.read(_READ)
    for magic, kind in _OTHER_KINDS.items():
        if first.startswith(magic):
            raise UnreadableFile(f"The file is {kind}. Give plain text, UTF-8 or ASCII.")
    chunk = first.removeprefix(_BOM)
    only_cr = b"\n" not in first and b"\r" in first[:-1]
    while chunk:
        if b"\0" in chunk:
            raise UnreadableFile(
                "The file has zero bytes: it is binary or UTF-16. Give plain text, UTF-8 or ASCII."
            )
        yield chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if only_cr else chunk
        chunk = stream.read(_READ)
