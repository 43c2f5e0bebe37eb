"""Forms of a result, rendered a block at a time without per-row Python."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from jobs.export import FIELDS, Block

Part = bytes | NDArray[np.bytes_]
_MONTHS = np.array([f"{month:02d}" for month in range(1, 13)], dtype="S2")
_YEARS = np.arange(10_000).astype("S4")
_PLAIN_MONTHS = np.array([str(month) for month in range(1, 13)], dtype="S2")


def csv_header() -> bytes:
    """The header line, which names the fields in their fixed order."""
    return ",".join(FIELDS).encode() + b"\n"


def csv_rows(block: Block) -> bytes:
    """CSV lines (RFC 4180). No value holds a comma, quote or line break: nothing is quoted."""
    month, year = _expiry(block, months=_MONTHS)
    scheme, tier = _common(block)
    cards = block.cards
    return _join(
        [
            *(cards.pans, b"," + scheme + b",", month, b",", year, b",", cards.cvvs, b","),
            *(block.names, b"," + tier + b"\n"),
        ]
    )


def ndjson_rows(block: Block) -> bytes:
    """One JSON object a line, the fields as in the JSON page."""
    month, year = _expiry(block, months=_PLAIN_MONTHS)
    scheme, tier = _common(block)
    cards = block.cards
    return _join(
        [
            *(b'{"pan":"', cards.pans, b'","scheme":"' + scheme + b'","expiry_month":', month),
            *(b',"expiry_year":', year, b',"cvv":"', cards.cvvs, b'","cardholder_name":"'),
            *(block.names, b'","tier":"' + tier + b'"}\n'),
        ]
    )


def render(blocks: Iterator[Block], *, form: str) -> Iterator[bytes]:
    """Yield the whole file, a block at a time."""
    rows = _ROWS[form]
    if form == "csv":
        yield csv_header()
    for block in blocks:
        yield rows(block)


def _expiry(block: Block, *, months: NDArray[np.bytes_]) -> tuple[NDArray[np.bytes_], Part]:
    year, month = np.divmod(block.cards.expiry_months, 12)
    return months[month], _YEARS[year]


def _common(block: Block) -> tuple[bytes, bytes]:
    return block.issuer_range.scheme.encode(), block.issuer_range.tier.encode()


def _join(parts: list[Part]) -> bytes:
    """Put constants and columns side by side, row by row.

    Rows are laid out at their greatest width, padded with NUL as NumPy pads `S` columns; no value
    holds a NUL, so dropping all NUL bytes leaves exactly the text.
    """
    rows = max(len(part) for part in parts if isinstance(part, np.ndarray))
    widths = [part.itemsize if isinstance(part, np.ndarray) else len(part) for part in parts]
    table = np.zeros((rows, sum(widths)), dtype=np.uint8)
    left = 0
    for part, width in zip(parts, widths, strict=True):
        table[:, left : left + width] = _bytes_of(part, width)
        left += width
    flat = table.ravel()
    text: bytes = flat[flat != 0].tobytes()
    return text


def _bytes_of(part: Part, width: int) -> NDArray[np.uint8]:
    if isinstance(part, bytes):
        return np.frombuffer(part, dtype=np.uint8)
    return np.ascontiguousarray(part).view(np.uint8).reshape(-1, width)


_ROWS: dict[str, Callable[[Block], bytes]] = {"csv": csv_rows, "ndjson": ndjson_rows}
MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}
