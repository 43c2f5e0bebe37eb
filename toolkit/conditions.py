"""Conditions and byte ranges of RFC 9110, as far as this API offers them."""

import re
from dataclasses import dataclass

from rest_framework.exceptions import APIException
from rest_framework.request import Request

# Python reads no number of more than 4,300 digits.
_RANGE = re.compile(r"bytes=\s*([0-9]{0,4000})-([0-9]{0,4000})\s*", re.IGNORECASE)


class RangeUnsatisfiable(APIException):
    """No byte of the file lies in the range; `size` is how many it has."""

    status_code = 416

    def __init__(self, *, size: int) -> None:
        super().__init__(f"The file has {size} bytes, numbered from 0: ask for a range in it.")
        self.size = size


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `first` to `last`, both included."""

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1

    def content_range(self, *, size: int) -> str:
        """Return the `Content-Range` of this part of a file of `size` bytes."""
        return f"bytes {self.first}-{self.last}/{size}"


def byte_range(header: str, *, size: int) -> ByteRange | None:
    """Read a `Range`: `bytes=N-`, `bytes=N-M` or `bytes=-N` for the last N.

    None if it is to be ignored, as RFC 9110 section 14.2 allows and says: several ranges, another
    unit, or what is no range at all. The whole file is then the answer.

    :raises RangeUnsatisfiable: if none of these bytes is there
    """
    found = _RANGE.fullmatch(header.strip())
    first, last = found.groups() if found else ("", "")
    if not (first or last) or (first and last and int(first) > int(last)):
        return None
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start >= size:
        raise RangeUnsatisfiable(size=size)
    return ByteRange(start, end)


def names(header: str, etag: str) -> bool:
    """Tell whether `If-None-Match` names the tag; weak comparison, `*` names all."""
    named = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return etag in named or named == ["*"]


def accepts_gzip(request: Request) -> bool:
    """Tell whether the client takes gzip."""
    accepted = request.headers.get("Accept-Encoding", "")
    codings = [coding.strip().lower().partition(";") for coding in accepted.split(",")]
    return any(
        name.strip() == "gzip" and quality.replace(" ", "") not in {"q=0", "q=0.0"}
        for name, _, quality in codings
    )
