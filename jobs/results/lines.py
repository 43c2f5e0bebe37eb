"""Columns of cards into lines of text, without per-row Python."""

from collections.abc import Sequence

import numpy as np

from generation.fields import Column


def join(parts: Sequence[Column], *, rows: int) -> bytes:
    """Put constants and columns side by side, row by row.

    Every row begins as one with the constants alone, and columns are laid over it at their greatest
    width, padded with NUL as NumPy pads `S` columns. No value holds a NUL, so dropping all NUL
    bytes leaves exactly the text.
    """
    line = b"".join(part if isinstance(part, bytes) else bytes(part.itemsize) for part in parts)
    text = bytearray(line * rows)
    left = 0
    for part in parts:
        if isinstance(part, np.ndarray):
            np.ndarray((rows,), part.dtype, text, left, (len(line),))[:] = part
        left += _width(part)
    return bytes(text.translate(None, b"\0") if b"\0" in text else text)


def replaced(column: Column, old: bytes, new: bytes) -> Column:
    """Replace a character; most columns have none, and one pass over the bytes tells."""
    if isinstance(column, bytes):
        return column.replace(old, new)
    return np.char.replace(column, old, new) if old in column.tobytes() else column


def quoted(column: Column, *, delimiter: bytes) -> Column:
    """Quote the values that hold a quote or the delimiter, and no others (RFC 4180)."""
    if isinstance(column, bytes):
        return column
    needs = (np.strings.find(column, b'"') >= 0) | (np.strings.find(column, delimiter) >= 0)
    if not needs.any():
        return column
    quote = np.where(needs, b'"', b"")
    return np.strings.add(np.strings.add(quote, np.char.replace(column, b'"', b'""')), quote)


def _width(part: Column) -> int:
    return part.itemsize if isinstance(part, np.ndarray) else len(part)
