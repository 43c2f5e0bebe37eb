"""Texts as rows of bytes and back, and the digits and half-bytes within them."""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.uint8]  # N x width

_ZERO = np.uint8(ord("0"))
_HEX = np.frombuffer(b"0123456789ABCDEF", dtype=np.uint8)

# Of every byte: how many of its two hexadecimal digits are decimal, and the number they make.
_PAIRS = ["".join(digit for digit in f"{byte:02x}" if digit.isdecimal()) for byte in range(256)]
_DECIMAL_COUNTS = np.array([len(pair) for pair in _PAIRS], dtype=np.int64)
_DECIMALS = np.array([int(pair or "0") for pair in _PAIRS], dtype=np.int64)
_POWERS = 10 ** np.arange(17, dtype=np.int64)


def rows(column: NDArray[np.bytes_]) -> Rows:
    """View N texts as N x width bytes; texts shorter than the column end in zero bytes."""
    column = np.ascontiguousarray(column)
    return column.view(np.uint8).reshape(column.size, column.itemsize)


def column(rows: Rows) -> NDArray[np.bytes_]:
    """View N x width bytes as N texts: the inverse of `rows`."""
    width = rows.shape[1]
    return np.ascontiguousarray(rows).view(f"S{width}").reshape(len(rows))


def join(*parts: bytes | NDArray[np.bytes_], count: int) -> Rows:
    """Set columns of N texts, and texts that are the same in every row, side by side."""
    pieces = [
        np.frombuffer(part, dtype=np.uint8)[np.newaxis] if isinstance(part, bytes) else rows(part)
        for part in parts
    ]
    return np.concatenate(
        [np.broadcast_to(piece, (count, piece.shape[1])) for piece in pieces], axis=1
    )


def spell(numbers: NDArray[np.int64], *, digits: int) -> NDArray[np.bytes_]:
    """Write N numbers in ASCII with leading zeros (dtype S{digits})."""
    spelled = np.empty((numbers.size, digits), dtype=np.uint8)
    for place in range(digits - 1, -1, -1):
        # Subtracting is several times as fast as divmod.
        quotients = numbers // 10
        spelled[:, place] = numbers - quotients * 10 + _ZERO
        numbers = quotients
    return column(spelled)


def digit_values(texts: Rows) -> Rows:
    """Turn ASCII digits into numbers 0 to 9.

    :raises ValueError: if anything else is among them
    """
    values: Rows = texts - _ZERO
    if values.size and values.max() > 9:
        raise ValueError("only ASCII digits can be used here")
    return values


def pack(nibbles: Rows) -> Rows:
    """Put two half-bytes into one byte, the first of them high: N x 2k to N x k."""
    packed: Rows = nibbles[:, ::2] << np.uint8(4) | nibbles[:, 1::2]
    return packed


def unpack(packed: Rows) -> Rows:
    """Take bytes apart into half-bytes: the inverse of `pack`."""
    nibbles = np.empty((len(packed), 2 * packed.shape[1]), dtype=np.uint8)
    nibbles[:, ::2] = packed >> 4
    nibbles[:, 1::2] = packed & 15
    return nibbles


def spell_hex(packed: Rows) -> NDArray[np.bytes_]:
    """Write N x k bytes as 2k capital hexadecimal digits each."""
    return column(_HEX[unpack(packed)])


def decimalise(packed: Rows, *, digits: int) -> NDArray[np.bytes_]:
    """Pick decimal digits as the Visa CVV and PVV algorithms do (dtype S{digits}).

    The hexadecimal digits are read from the left for 0 to 9; where there are too few, they are
    read once more for A to F, which count as 0 to 5.
    """
    numbers = np.zeros(len(packed), dtype=np.int64)
    counts = np.zeros(len(packed), dtype=np.int64)
    for values in np.ascontiguousarray(packed.T):
        more = _DECIMAL_COUNTS.take(values)
        numbers = numbers * _POWERS.take(more) + _DECIMALS.take(values)
        counts += more
    picked = spell(numbers // _POWERS.take(np.maximum(counts - digits, 0)), digits=digits)
    # 1 row in 2,000 for four digits, 1 in 18,000 for three.
    for row in np.flatnonzero(counts < digits):
        picked[row] = _decimalise_twice(packed[row].tobytes().hex())[:digits].encode()
    return picked


def _decimalise_twice(text: str) -> str:
    decimals = "".join(digit for digit in text if digit.isdecimal())
    return decimals + "".join(str(int(digit, 16) - 10) for digit in text if digit not in decimals)
