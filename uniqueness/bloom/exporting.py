"""A filter as a file: a header that says what it is, then the 2 MiB (docs/bloom.md)."""

import json
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from generation.models import IssuerRange
from generation.ranges import spec
from uniqueness.bloom import store, windows
from uniqueness.bloom.sbbf import digest
from uniqueness.bloom.sealing import Built, build
from uniqueness.models import WindowFilter

MAGIC = b"CGBLOOM1"
_LENGTH = struct.Struct("<I")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contents:
    """A filter and what is known of it."""

    bloom: bytes
    version: int
    cards: int
    strays: int
    complete: bool
    created: datetime


def file_name(range_name: str, window: int) -> str:
    """Name the file of a filter."""
    return f"{range_name}.{window:06d}.bloom"


def export(*, issuer_range: IssuerRange, window: int) -> bytes | None:
    """Make the file of a window (slot in the range // 10^6); None if it holds no card.

    The sealed filter if there is one. Otherwise one built from the ledger now (about a second for
    10^6 cards), which is not called complete: the window may be filling.
    """
    if window >= spec(issuer_range).windows:
        return None
    found = _contents(windows.packed(issuer_range, window))
    return None if found is None else _header(issuer_range, window, found) + found.bloom


def _contents(window: int) -> Contents | None:
    row = WindowFilter.objects.filter(pk=window).first()
    wanted = bytes(row.digest) if row and row.digest else None
    created = timezone.now()
    if row is None or wanted is None:
        return _open(build(window), version=row.version if row else 0, created=created)
    text = store.get(window=window, version=row.version, wanted=wanted)
    if text is None:
        built = build(window)
        text = built.bloom.tobytes()
        if digest(text) != wanted:  # a card came, or the ledger is not the one that was sealed
            return _open(built, version=row.version, created=created)
    return Contents(
        bloom=text,
        version=row.version,
        cards=row.cards,
        strays=row.strays,
        complete=True,
        created=row.sealed_at,
    )


def _open(built: Built, *, version: int, created: datetime) -> Contents | None:
    if not built.cards:
        return None
    return Contents(
        bloom=built.bloom.tobytes(),
        version=version,
        cards=built.cards,
        strays=built.strays,
        complete=False,
        created=created,
    )


def _header(issuer_range: IssuerRange, window: int, contents: Contents) -> bytes:
    facts: dict[str, Any] = {
        "range": issuer_range.name,
        "iin": issuer_range.iin,
        "pan_length": issuer_range.pan_length,
        "window": window,
        "prefix": windows.prefix(issuer_range, window),
        "version": contents.version,
        "cards": contents.cards,
        "strays": contents.strays,
        "complete": contents.complete,
        "digest": digest(contents.bloom).hex(),
        "created": contents.created.isoformat(),
    }
    text = json.dumps(facts).encode()
    return MAGIC + _LENGTH.pack(len(text)) + text
