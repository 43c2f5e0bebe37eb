"""Find escapes in a text and put in their place what they stand for, as wide as they were."""

import re
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toolkit.texts.characters import PAD, signs

BEFORE, BEHIND = 12, 24
"""Bytes that must stand around a text, for escapes are looked at with what is beside them."""

Codes = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]

_ASCII = 0x80
_MOST_CODES = 512
_MOST = 19
_TOO_LONG = (15, 16, 19)
"""Digits of numbers that two more digits in front make too long for any card."""
_SEPARATORS = (0x20, 0x2D, 0x96, 0x97, 0xA0)  # the last three in Windows-1252
_BEGINS = np.array([code >= _ASCII or chr(code) in "\\%&\x1b" for code in range(256)])
"""What an escape may stand for that begins another one."""


def _values(base: int, *, lower_case: bool) -> Places:
    """Make the table of what each byte is worth as a digit, -1 for those that are none."""
    table = np.full(256, -1)
    for value, digit in enumerate("0123456789ABCDEF"[:base]):
        table[ord(digit)] = value
        if lower_case:
            table[ord(digit.lower())] = value
    return table


_VALUES = {
    (base, lower_case): _values(base, lower_case=lower_case)
    for base in (8, 16)
    for lower_case in (True, False)
}
_DIGIT = _values(10, lower_case=False) >= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """Escapes of one width: `lead`, then `digits` digits of a code to a base.

    `safe` are the codes that no number begins with, as the escape writes them (all of them, if none
    is named); `doubtful` are undone before digits that they would make too many. `points` tells
    code points from bytes. Without `lower_case` no digit is a small letter.
    """

    lead: bytes
    digits: int
    base: int = 16
    safe: Collection[int] = ()
    doubtful: Collection[int] = ()
    points: bool = False
    lower_case: bool = True

    def undo(self, codes: Codes, places: Places) -> bool:
        """Undo those at some of the places of the first byte of `lead`.

        :return: whether any stands for what may begin another escape
        """
        width = len(self.lead) + self.digits
        places = _led(codes, places, self.lead)
        if not places.size:
            return False
        found = np.zeros(places.size, dtype=np.int64)
        for ahead in range(len(self.lead), width):
            value = _VALUES[self.base, self.lower_case][codes[places + ahead]]
            good = value >= 0
            places, found = places[good], found[good] * self.base + value[good]
        chosen = self._chosen(codes, places, found)
        meant = self._meant(found[chosen])
        _write(codes, places[chosen], meant, width=width)
        return bool(_BEGINS[meant].any())

    def _chosen(self, codes: Codes, places: Places, found: Places) -> Flags:
        if not self.safe:
            return np.ones(places.size, dtype=np.bool_)
        width = len(self.lead) + self.digits
        behind = places + width
        begins = np.zeros(codes.size, dtype=np.bool_)
        begins[places] = True
        # One beside another, as UTF-8 is written: no number begins so.
        chosen = _among(found, self.safe) | begins[behind] | begins[places - width]
        chosen |= _among(found, _SEPARATORS) & _DIGIT[codes[places - 1]] & _DIGIT[codes[behind]]
        doubtful = np.flatnonzero(_among(found, self.doubtful))
        chosen[doubtful] |= _among(_digits_at(codes, behind[doubtful]), _TOO_LONG)
        return chosen

    def _meant(self, found: Places) -> Codes:
        """Return the byte of each code; one beyond ASCII stays, it belongs to those beside it."""
        if self.points:
            return signs()[np.minimum(found, sys.maxunicode)]
        return np.where(found < _ASCII, signs()[found], found).astype(np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubled:
    r"""Marks in front of a mark, as a text has that was escaped again: `\\\\u0022`.

    Only those in front of an escape go; `before` is what may follow its mark.
    """

    mark: bytes
    before: bytes

    def undo(self, codes: Codes, places: Places) -> bool:
        """Leave them out; never one that stands for anything."""
        following = np.zeros(256, dtype=np.bool_)
        following[list(self.before)] = True
        last = places[following[codes[places + 1]]]
        while last.size:
            last = last[codes[last - 1] == ord(self.mark)] - 1
            codes[last] = ord(PAD)
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ragged:
    """Escapes of any width, each looked at by itself: what they begin with, and what they mean.

    `then` are the three bytes that may follow, any if it names none: it spares looks.
    """

    lead: bytes
    pattern: re.Pattern[bytes]
    means: Callable[[re.Match[bytes]], bytes]
    then: Collection[bytes] = ()

    def undo(self, codes: Codes, places: Places) -> bool:
        """Undo those at some of the places of the first byte of `lead`.

        :return: whether any stands for what may begin another escape
        """
        deeper = False
        places = _followed(codes, _led(codes, places, self.lead), len(self.lead), self.then)
        for place in places.tolist():
            if found := self.pattern.match(codes.data, place):
                meant = self.means(found)
                codes[place : found.end()] = ord(PAD)
                codes[place : place + len(meant)] = [*meant]
                deeper |= any(_BEGINS[code] for code in meant)
        return deeper


def _led(codes: Codes, places: Places, lead: bytes) -> Places:
    for ahead, byte in enumerate(lead[1:], 1):
        places = places[codes[places + ahead] == byte]
        if not places.size:
            break
    return places


def _followed(codes: Codes, places: Places, ahead: int, then: Collection[bytes]) -> Places:
    if not then or not places.size:
        return places
    three = sum(
        codes[places + ahead + byte].astype(np.int64) << 8 * (2 - byte) for byte in range(3)
    )
    return places[np.isin(three, [int.from_bytes(bytes_) for bytes_ in then])]


def _write(codes: Codes, places: Places, meant: Codes, *, width: int) -> None:
    for ahead in range(1, width):
        codes[places + ahead] = ord(PAD)
    codes[places] = meant


def _among(found: Places, chosen: Collection[int]) -> Flags:
    table = np.zeros(_MOST_CODES, dtype=np.bool_)
    table[list(chosen)] = True
    return table[found]


def _digits_at(codes: Codes, places: Places) -> Places:
    """Count the digits that begin at each place, up to 20."""
    ahead = _DIGIT[codes[places[:, np.newaxis] + np.arange(_MOST + 1)]]
    return np.where(ahead.all(axis=1), _MOST + 1, ahead.argmin(axis=1))
