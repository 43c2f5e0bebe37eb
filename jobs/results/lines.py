"""Columns of cards into lines of text, without per-row Python."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generation.fields import Column


def join(parts: Sequence[Column], *, rows: int) -> bytes:
    """Put constants and columns side by side, row by row.

    Rows are laid out at their greatest width, padded with NUL as NumPy pads `S` columns; no value
    holds a NUL, so dropping all NUL bytes leaves exactly the text.
    """
    widths = [part.itemsize if isinstance(part, np.ndarray) else len(part) for part in parts]
    table = np.zeros((rows, sum(widths)), dtype=np.uint8)
    left = 0
    for part, width in zip(parts, widths, strict=True):
        table[:, left : left + width] = _bytes_of(part, width)
        left += width
    flat = table.ravel()
    text: bytes = flat[flat != 0].tobytes()
    return text


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


def _bytes_of(part: Column, width: int) -> NDArray[np.uint8]:
    if isinstance(part, bytes):
        return np.frombuffer(part, dtype=np.uint8)
    return np.ascontiguousarray(part).view(np.uint8).reshape(-1, width)
