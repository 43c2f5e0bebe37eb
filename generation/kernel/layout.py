"""Between payload numbers and the ASCII digits of PANs (ISO/IEC 7812-1), three digits at a time.

A payload (a PAN without its check digit) is a head and the six low digits. Cards of one window
share the head, so it is spelled and summed once; the low digits cost a few table look-ups.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from generation.kernel.luhn import DOUBLED

_LOW_DIGITS = 6
_GROUP = 1000
_WORD = 8  # bytes that end a PAN: last of the head, six low digits, check digit
_ZERO = np.uint8(ord("0"))

_SPELLED = np.array([list(f"{group:03d}".encode()) for group in range(_GROUP)], dtype=np.uint8)
_DIGITS = _SPELLED - _ZERO
_OUTER_DOUBLED = DOUBLED[_DIGITS[:, 0]] + _DIGITS[:, 1] + DOUBLED[_DIGITS[:, 2]]
_MIDDLE_DOUBLED = _DIGITS[:, 0] + DOUBLED[_DIGITS[:, 1]] + _DIGITS[:, 2]
# Luhn is a sum, so each group adds its share; doubling alternates from the payload's last digit.
_SHARES = (_OUTER_DOUBLED % np.uint8(10), _MIDDLE_DOUBLED % np.uint8(10))

Spelling = tuple[NDArray[np.uint8], NDArray[np.uint8]]  # ASCII digits N x k, Luhn sums N


def _words(rows: NDArray[np.uint8], *, at: int) -> NDArray[np.uint64]:
    """Place short rows of bytes at a position of an otherwise zero eight-byte word."""
    words = np.zeros((len(rows), _WORD), dtype=np.uint8)
    words[:, at : at + rows.shape[1]] = rows
    return words.view(np.uint64).ravel()


_UPPER_WORDS = _words(_SPELLED, at=1)
_LOWER_WORDS = _words(_SPELLED, at=4)
_CHECK_WORDS = _words((-np.arange(64) % 10 + ord("0")).astype(np.uint8)[:, np.newaxis], at=7)


def write_pans(
    bases: NDArray[np.int64], tails: NDArray[np.int64], *, pan_length: int
) -> NDArray[np.bytes_]:
    """Spell N payloads base + tail with their Luhn check digits: N PANs, dtype S{pan_length}.

    :param bases: N numbers, or ONE for all; base + tail has pan_length - 1 digits
    :param tails: N numbers that change the last six digits only
    """
    heads = bases // 10**_LOW_DIGITS
    lows = bases - heads * 10**_LOW_DIGITS + tails
    digits, sums = _spell_heads(heads, pan_length - 1 - _LOW_DIGITS)
    upper, lower = _split(lows)
    sums = sums + _SHARES[1].take(upper) + _SHARES[0].take(lower)
    pans = np.empty(tails.size, dtype=f"S{pan_length}")
    words = pans.view(_ending(pan_length))["word"]
    np.bitwise_or(_UPPER_WORDS.take(upper), _LOWER_WORDS.take(lower), out=words)
    words |= _CHECK_WORDS.take(sums)
    # After the words, whose first byte belongs to the head.
    pans.view(np.uint8).reshape(-1, pan_length)[:, : digits.shape[1]] = digits
    return pans


def read_pans(pans: NDArray[np.bytes_]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Give the payloads of N PANs of one length, and which of them are digits and pass Luhn."""
    rows = np.ascontiguousarray(pans).view(np.uint8).reshape(pans.size, pans.itemsize)
    columns = np.ascontiguousarray(rows.T) - _ZERO
    payloads = np.zeros(pans.size, dtype=np.int64)
    for column in columns[:-1]:
        payloads *= 10
        payloads += column
    # Digits doubled and cast out in place of a table, which non-digits would overrun.
    doubled = columns[-2::-2]
    total = doubled.sum(axis=0, dtype=np.uint8) * 2 - (doubled > 4).sum(axis=0, dtype=np.uint8) * 9
    total += columns[-1::-2].sum(axis=0, dtype=np.uint8)
    return payloads, (columns.max(axis=0) <= 9) & (total % 10 == 0)


def _spell_heads(heads: NDArray[np.int64], digits: int) -> Spelling:
    return _spell_one(int(heads[0]), digits) if heads.size == 1 else _spell(heads, digits)


@lru_cache(maxsize=128)
def _spell_one(number: int, digits: int) -> Spelling:
    return _spell(np.array([number], dtype=np.int64), digits)


def _spell(numbers: NDArray[np.int64], digits: int) -> Spelling:
    """Spell N numbers in ASCII, zero padded, and sum their Luhn shares."""
    spelled = np.empty((numbers.size, digits), dtype=np.uint8)
    sums = np.zeros(numbers.size, dtype=np.uint8)
    for place, stop in enumerate(range(digits, 0, -3)):
        numbers, group = _split(numbers)
        start = max(stop - 3, 0)
        spelled[:, start:stop] = _SPELLED[group, start - stop :]
        sums += _SHARES[place % 2].take(group)
    return spelled, sums


def _split(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split off the last three digits of numbers above zero: divmod, in a fifth of its time."""
    quotients = numbers // _GROUP
    return quotients, numbers - quotients * _GROUP


@lru_cache
def _ending(pan_length: int) -> np.dtype[np.void]:
    """Describe a PAN whose last eight bytes are one word."""
    head = np.dtype(f"V{pan_length - _WORD}")
    return np.dtype([("head", head), ("word", np.dtype(np.uint64))])
