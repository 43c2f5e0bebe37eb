#!/usr/bin/env python3
"""Which of these numbers may be test cards of ours? Asks exported Bloom filters, offline.

    python bloom_reader.py FILE… < numbers

Reads one number a line (spaces and dashes of any kind are ignored) and prints those that may be
ours. About one foreign number in 800 is printed too. Bytes that are no UTF-8 count as Windows-1252.
Exit codes: 0 done, 2 no file, or one that is no filter.
Needs Python 3.10 and nothing else. The form of the files is described in bloom.md.
"""

import hashlib
import json
import struct
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

MAGIC = b"CGBLOOM1"
FILTER_BYTES = 2 * 1024 * 1024
BLOCK_BYTES = 32
SALTS = (
    0x47B6137B,
    0x44974D91,
    0x8824AD5B,
    0xA2B7289D,
    0x705495C7,
    0x2DF1424B,
    0x9EFC4947,
    0x5C6BFB31,
)
MASK = 2**64 - 1
PRIME_1 = 0x9E3779B185EBCA87
PRIME_2 = 0xC2B2AE3D27D4EB4F
PRIME_3 = 0x165667B19E3779F9
PRIME_4 = 0x85EBCA77C2B2AE63
PRIME_5 = 0x27D4EB2F165667C5
HEADER: dict[str, tuple[type, ...]] = {
    "prefix": (str,),
    "pan_length": (int,),
    "strays": (int, type(None)),
    "digest": (str,),
    "complete": (bool,),
}
SEPARATORS = str.maketrans("", "", " -")
MORE_DASHES = "\u2212\u2043"
NOT_UTF8 = 0xDC00


class NotAFilter(Exception):
    """The file is no exported filter, or a damaged one."""


class Window(NamedTuple):
    """One exported filter."""

    header: dict[str, Any]
    bits: bytes

    def is_for(self, number: str) -> bool:
        """Tell whether the number looks like those of this window."""
        if self.header["strays"] != 0:
            return True
        right_length: bool = len(number) == self.header["pan_length"]
        return right_length and number.startswith(self.header["prefix"])

    def may_hold(self, digest: int) -> bool:
        """Tell by a number's XXH64 whether it may be in here; False is certain if complete."""
        start = ((digest >> 32) * (FILTER_BYTES // BLOCK_BYTES) >> 32) * BLOCK_BYTES
        words = struct.unpack_from("<8I", self.bits, start)
        low = digest & 0xFFFFFFFF
        turns = [(low * salt & 0xFFFFFFFF) >> 27 for salt in SALTS]
        return all(word >> turn & 1 for word, turn in zip(words, turns, strict=True))


def read(content: bytes) -> Window:
    """Read an exported file.

    :raises NotAFilter: says what is wrong
    """
    start = len(MAGIC) + 4
    if content[: len(MAGIC)] != MAGIC or len(content) < start:
        raise NotAFilter("it does not begin like an exported filter")
    (length,) = struct.unpack("<I", content[len(MAGIC) : start])
    try:
        header = json.loads(content[start : start + length])
    except ValueError:
        raise NotAFilter("its header is damaged") from None
    bits = content[start + length :]
    if not isinstance(header, dict) or not all(
        isinstance(header.get(name), kind) for name, kind in HEADER.items()
    ):
        raise NotAFilter("its header is not that of a filter")
    if len(bits) != FILTER_BYTES:
        raise NotAFilter("it is cut short or too long")
    if hashlib.blake2b(bits, digest_size=32).hexdigest() != header["digest"]:
        raise NotAFilter("its filter is damaged")
    return Window(header, bits)


def xxh64(text: bytes) -> int:
    """Hash fewer than 32 bytes with XXH64, seed 0."""
    digest = PRIME_5 + len(text)
    at = 0
    while len(text) - at >= 8:
        (lane,) = struct.unpack_from("<Q", text, at)
        digest ^= rotated(lane * PRIME_2 & MASK, 31) * PRIME_1 & MASK
        digest = (rotated(digest, 27) * PRIME_1 + PRIME_4) & MASK
        at += 8
    if len(text) - at >= 4:
        (half,) = struct.unpack_from("<I", text, at)
        digest ^= half * PRIME_1 & MASK
        digest = (rotated(digest, 23) * PRIME_2 + PRIME_3) & MASK
        at += 4
    for byte in text[at:]:
        digest ^= byte * PRIME_5 & MASK
        digest = rotated(digest, 11) * PRIME_1 & MASK
    digest = (digest ^ digest >> 33) * PRIME_2 & MASK
    digest = (digest ^ digest >> 29) * PRIME_3 & MASK
    return digest ^ digest >> 32


def rotated(number: int, bits: int) -> int:
    """Rotate 64 bits to the left."""
    return (number << bits | number >> (64 - bits)) & MASK


def sign(character: str) -> str:
    """Return the ASCII sign of a space, a dash or a digit; nothing for what nobody sees."""
    if character.isascii():
        return character
    if NOT_UTF8 + 0x80 <= ord(character) < NOT_UTF8 + 0x100:
        character = bytes([ord(character) - NOT_UTF8]).decode("cp1252", "replace")
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Pd" or character in MORE_DASHES:
        return "-"
    return {"Zs": " ", "Cf": ""}.get(category, character)


def of_ours(lines: Iterable[str], windows: list[Window]) -> Iterator[str]:
    """Pick the numbers that may be ours; what is too long to be a card number is not."""
    for line in lines:
        number = "".join(line.split())
        number = "".join(map(sign, number)).translate(SEPARATORS)
        if 0 < len(number) < 32 and number.isascii():
            asked = [window for window in windows if window.is_for(number)]
            digest = xxh64(number.encode()) if asked else 0
            if any(window.may_hold(digest) for window in asked):
                yield number


def main(paths: list[str]) -> int:
    """Read the files, then the numbers."""
    if not paths:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    windows = []
    for path in paths:
        try:
            windows.append(read(Path(path).read_bytes()))
        except (OSError, NotAFilter) as error:
            sys.stderr.write(f"{path}: {error}\n")
            return 2
    open_ones = sum(not window.header["complete"] for window in windows)
    if open_ones:
        told = f"{open_ones} of {len(windows)} filters may lack cards"
        sys.stderr.write(
            f"{told}: cards are still made in their windows. Export them again later.\n"
        )
    sys.stdin.reconfigure(encoding="utf-8-sig", errors="surrogateescape")  # type: ignore[union-attr]
    with sys.stdin as lines:
        for number in of_ours(lines, windows):
            sys.stdout.write(f"{number}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
