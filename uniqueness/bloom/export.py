"""A filter as a file: a header that says what it is, then the 2 MiB (docs/bloom.md)."""

import json
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from generation.errors import UnregisteredIin
from generation.models import IssuerRange
from generation.ranges import registered, spec
from uniqueness.bloom import store, windows
from uniqueness.bloom.sealing import build, digest
from uniqueness.models import WindowFilter

MAGIC = b"CGBLOOM1"
_LENGTH = struct.Struct("<I")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contents:
    """A filter and what is known of it; None for cards and strays if nobody counted them."""

    bloom: bytes
    version: int
    cards: int | None
    strays: int | None
    complete: bool
    created: datetime


def range_named(name: str) -> IssuerRange:
    """Find a registered range by its whole name, such as 400000-16.

    :raises UnregisteredIin: if there is none
    """
    for found in registered(name):
        if found.name == name:
            return found
    raise UnregisteredIin(
        f"No issuer range {name} is registered. GET /api/v1/issuer-ranges lists those that are;"
        " give the whole name, such as 400000-16.",
        range=name,
    )


def file_name(range_name: str, window: int) -> str:
    """Name the file of a filter."""
    return f"{range_name}.{window:06d}.bloom"


def export(*, issuer_range: IssuerRange, window: int) -> bytes | None:
    """Make the file of a window (slot in the range // 10^6); None if it holds no card.

    The sealed filter if there is one. Otherwise what is known, not `complete`: the live filter, or
    one built from the ledger now (about a second for 10^6 cards).
    """
    if window >= spec(issuer_range).windows:
        return None
    found = _contents(windows.packed(issuer_range, window))
    return None if found is None else _header(issuer_range, window, found) + found.bloom


def _contents(window: int) -> Contents | None:
    row = WindowFilter.objects.filter(pk=window).first()
    if row is not None and row.digest is not None:
        return _sealed(row, wanted=bytes(row.digest))
    version = row.version if row else 0
    hints = store.hints(window=window, version=version)
    if hints is None:
        return _built(window, version=version)
    return Contents(
        bloom=hints,
        version=version,
        cards=None,
        strays=None,
        complete=False,
        created=timezone.now(),
    )


def _sealed(row: WindowFilter, *, wanted: bytes) -> Contents | None:
    text = store.get(window=row.window, version=row.version)
    if text is None or digest(text) != wanted:
        # Lost. What is built anew may lack cards that were purged since: then it is another one.
        built = _built(row.window, version=row.version)
        if built is None or digest(built.bloom) != wanted:
            return built
        text = built.bloom
    return Contents(
        bloom=text,
        version=row.version,
        cards=row.cards,
        strays=row.strays,
        complete=True,
        created=row.sealed_at,
    )


def _built(window: int, *, version: int) -> Contents | None:
    created = timezone.now()
    built = build(window)
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
