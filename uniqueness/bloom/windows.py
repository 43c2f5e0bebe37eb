"""Windows with cards: which there are, what their numbers are, what was sealed.

Purged cards are cards: their numbers stay issued, and are minted again from their slots. Those that
were claimed by hand stand among the exclusions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import numpy as np
from django.db import connection

from generation.kernel.mint import mint
from generation.kernel.spec import Profile
from generation.models import SLOTS_PER_RANGE, IssuerRange
from generation.ranges import spec
from toolkit.database import read_binary
from uniqueness.bloom.sbbf import Pans
from uniqueness.sharding import is_distributed
from uniqueness.slots import WINDOW, Span

PER_RANGE = SLOTS_PER_RANGE // WINDOW
_ANY_PROFILE = Profile(first_month=0, months=1)
# From card to card, a million slots at a time: one index probe for each window with cards. A
# distributed ledger knows no such recursion: there each probe is a statement.
_PROBED = """RECURSIVE used AS (
        (SELECT slot / %(size)s::bigint AS number FROM uniqueness_ledger
         WHERE slot >= %(first)s AND slot < %(end)s
         ORDER BY slot LIMIT 1)
        UNION ALL
        SELECT (SELECT slot / %(size)s::bigint FROM uniqueness_ledger
                WHERE slot >= (used.number + 1) * %(size)s::bigint AND slot < %(end)s
                ORDER BY slot LIMIT 1)
        FROM used WHERE used.number IS NOT NULL
    ), found AS (
        (SELECT number FROM used WHERE number IS NOT NULL LIMIT %(limit)s)
"""
_GIVEN = "found AS (SELECT unnest(%(numbers)s::bigint[]) AS number"
_NEXT = """
    SELECT slot / %(size)s::bigint FROM uniqueness_ledger
    WHERE slot >= %(first)s AND slot < %(end)s ORDER BY slot LIMIT 1
"""
# Windows of purged cards come from the spans that were purged, and from the numbers claimed.
_USED = """
    WITH {with_cards}
        UNION
        SELECT generate_series(greatest(lower(span), %(first)s) / %(size)s::bigint,
            (upper(span) - 1) / %(size)s::bigint)
        FROM uniqueness_reservation
        WHERE purged AND span && int8range(%(first)s::bigint, %(end)s::bigint)
        UNION
        SELECT slot / %(size)s::bigint FROM uniqueness_exclusion
        WHERE owner IS NOT NULL AND slot >= %(first)s AND slot < %(end)s
        ORDER BY number LIMIT %(limit)s
    )
    SELECT found.number, coalesce(f.version, 0), coalesce(f.cards, 0), f.digest, f.sealed_at,
        p.next_slot >= least((found.number %% %(per_range)s + 1) * %(size)s::bigint,
            power(10::numeric, r.pan_length - length(r.iin) - 1))
        AND NOT EXISTS (
            SELECT FROM uniqueness_reservation WHERE state = 'held' AND span && int8range(
                found.number * %(size)s::bigint, (found.number + 1) * %(size)s::bigint))
    FROM found
        JOIN generation_issuerrange r ON r.id = found.number / %(per_range)s
        LEFT JOIN uniqueness_pool p ON p.issuer_range_id = r.id
        LEFT JOIN uniqueness_windowfilter f ON f."window" = found.number
    ORDER BY found.number
"""
# Cards that a purge has not reached yet would count twice.
_KEPT = """
    SELECT lower(kept), upper(kept)
    FROM unnest(int8multirange(int8range(%(first)s, %(end)s)) - coalesce((
        SELECT range_agg(span) FROM uniqueness_reservation
        WHERE purged AND span && int8range(%(first)s, %(end)s)), '{}'::int8multirange)) kept
"""
_PANS = """
    SELECT octet_length(pan), string_agg(textsend(pan), '')
    FROM uniqueness_ledger WHERE slot >= %(first)s AND slot < %(end)s GROUP BY 1
"""
_PURGED = """
    SELECT sequential, lower(span), upper(span) FROM (
        SELECT sequential, unnest(range_agg(span * int8range(%(first)s, %(end)s))) AS span
        FROM uniqueness_reservation WHERE purged AND span && int8range(%(first)s, %(end)s)
        GROUP BY sequential) purged
"""
_CLAIMED = """
    WITH claimed AS MATERIALIZED (
        SELECT pan FROM uniqueness_exclusion
        WHERE owner IS NOT NULL AND slot >= %(first)s AND slot < %(end)s),
    cards AS MATERIALIZED (
        SELECT pan FROM uniqueness_ledger WHERE pan IN (SELECT pan FROM claimed))
    SELECT octet_length(pan), string_agg(textsend(pan), '') FROM claimed
    WHERE pan NOT IN (SELECT pan FROM cards) GROUP BY 1
"""
# Whole windows at once left a process with 30 MB that it never gave back, after five of them.
_AT_ONCE = 100_000
END = 9_000_000 * PER_RANGE
"""Behind the last window of the last range; its packed slots are just below 2^63."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedWindow:
    """A window with cards: `number` is packed slot // 10^6, `digest` None unless it is sealed.

    `passed`: every slot of it is behind the range's cursor, and nobody holds one to write there.
    """

    number: int
    version: int
    cards: int
    digest: bytes | None
    sealed_at: datetime | None
    passed: bool


def used(
    *, issuer_range: IssuerRange | None = None, after: int = -1, limit: int = END
) -> list[UsedWindow]:
    """List windows with cards, of one range or of all, ascending from behind window `after`."""
    first, end = 0, END
    if issuer_range is not None:
        first = packed(issuer_range, 0)
        end = first + PER_RANGE
    first = max(first, after + 1)
    if first >= end:
        return []
    values: dict[str, Any] = {
        "first": first * WINDOW,
        "end": end * WINDOW,
        "size": WINDOW,
        "per_range": PER_RANGE,
        "limit": limit,
    }
    with_cards = _PROBED
    if is_distributed():
        with_cards = _GIVEN
        values["numbers"] = list(islice(_probe(values), limit))
    return [_window(*row) for row in _rows(_USED.replace("{with_cards}", with_cards), values)]


def _probe(values: dict[str, Any]) -> Iterator[int]:
    """Tell the windows that have rows in the ledger, ascending."""
    first = values["first"]
    while found := _rows(_NEXT, values | {"first": first}):
        yield (number := found[0][0])
        first = (number + 1) * WINDOW


def _rows(statement: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[Any] = cursor.fetchall()
    return rows


def packed(issuer_range: IssuerRange, window: int) -> int:
    """Number a range's window among all windows."""
    return issuer_range.pk * PER_RANGE + window


def prefix(issuer_range: IssuerRange, window: int) -> str:
    """Tell what all numbers of a range's window begin with, negative cards excepted.

    :raises MasterKeyMismatch: if the range was registered under another master key
    """
    found = spec(issuer_range)
    slots = np.array([window * found.window_slots], dtype=np.int64)
    pan: bytes = mint(found, slots=slots, profile=_ANY_PROFILE).pans[0]
    return pan[: -found.tail_digits - 1].decode()


def pans_of(issuer_range: IssuerRange, window: int) -> Iterator[Pans]:
    """Give all PANs ever issued in a range's window, some at a time, all of those equally long.

    :raises MasterKeyMismatch: if the range was registered under another master key
    """
    first = packed(issuer_range, window) * WINDOW
    # In this order: cards that are purged in between come twice, and not never.
    for stretch in Span(first, first + WINDOW).pieces(size=_AT_ONCE):
        for start, end in _rows(_KEPT, {"first": stretch.first, "end": stretch.end}):
            yield from _texts(_PANS, Span(start, end))
    yield from _texts(_CLAIMED, Span(first, first + WINDOW))
    for sequential, start, end in _rows(_PURGED, {"first": first, "end": first + WINDOW}):
        for stretch in Span(start, end).pieces(size=_AT_ONCE):
            slots = np.arange(stretch.first, stretch.end) - issuer_range.first_slot
            found = spec(issuer_range)
            yield mint(found, slots=slots, profile=_ANY_PROFILE, sequential=sequential).pans


def _texts(query: str, span: Span) -> list[Pans]:
    rows = read_binary(query, {"first": span.first, "end": span.end})
    return [np.frombuffer(text, dtype=f"S{length}") for length, text in rows]


def _window(
    number: int,
    version: int,
    cards: int,
    digest: memoryview | None,
    sealed_at: datetime | None,
    passed: bool | None,  # noqa: FBT001 (a row of the query)
) -> UsedWindow:
    return UsedWindow(
        number=number,
        version=version,
        cards=cards,
        digest=None if digest is None else bytes(digest),
        sealed_at=sealed_at,
        passed=bool(passed),
    )
