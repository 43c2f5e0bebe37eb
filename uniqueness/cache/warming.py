"""Put the newest issued cards into the cache: after it was wiped, look-ups need not find them anew.

The oldest of them go first, for the latest number to come takes its place (uniqueness.cache).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db import connection, transaction

from generation.models import IssuerRange
from toolkit.database import read_binary
from toolkit.refusals import Refusal
from uniqueness.cache import answers
from uniqueness.cache.entries import Issued
from uniqueness.slots import Span

_BATCH = 10_000
_RANGE = " AND issuer_range_id = %(range)s"
# The newest spans with cards, as many as it takes to have so many of them, and how many they have.
_SPANS = """
    SELECT id, issued, total FROM (
        SELECT id, issued, sum(issued) OVER (ORDER BY id DESC) AS total FROM (
            SELECT id, issued FROM uniqueness_reservation
            WHERE issued > 0 AND NOT purged{range} ORDER BY id DESC LIMIT %(newest)s
        ) latest
    ) counted
    ORDER BY total >= %(newest)s DESC, CASE WHEN total >= %(newest)s THEN total ELSE -total END
    LIMIT 1
"""
# A span may have 10^8 cards: the older ones are not to be read.
_START = """
    SELECT slot FROM uniqueness_ledger
    WHERE slot >= (SELECT lower(span) FROM uniqueness_reservation WHERE id = %(first)s)
        AND slot < (SELECT upper(span) FROM uniqueness_reservation WHERE id = %(first)s)
    ORDER BY slot DESC OFFSET %(others)s LIMIT 1
"""
_NEWEST = """
    SELECT greatest(lower(span), CASE id WHEN %(first)s THEN %(start)s END), upper(span), owner
    FROM uniqueness_reservation
    WHERE id >= %(first)s AND issued > 0 AND NOT purged{range} ORDER BY id
"""
_IN_SPAN = "SELECT slot, pan FROM uniqueness_ledger WHERE slot >= %s AND slot < %s ORDER BY slot"
# One text in place of an array, whose elements the driver would quote one by one.
_IN_SLOTS = """
    SELECT slot, pan FROM uniqueness_ledger WHERE slot = ANY(string_to_array(%s, ',')::bigint[])
"""
# A claimed card lies in somebody's span and belongs to whoever claimed it.
_CLAIMERS = """
    SELECT pan, owner FROM uniqueness_exclusion
    WHERE pan = ANY(string_to_array(%s, ',')) AND owner IS NOT NULL
"""
Row = tuple[int, str, UUID]
Piece = tuple[Span, UUID]


class CacheUnreachable(Refusal):
    """The cache server does not take what is sent to it."""

    code = "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmPlan:
    """Cards to put into the cache: those in spans from `first_span` on, of that from `start` on."""

    issuer_range: IssuerRange | None
    first_span: int
    start: int
    cards: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmReport:
    """How many cards the cache server took, and how many it did not."""

    kept: int
    refused: int


def plan(*, newest: int, issuer_range: IssuerRange | None = None) -> WarmPlan:
    """Find the newest cards, of one range or of all; those that are purged are none."""
    values = _values(issuer_range) | {"newest": newest}
    with connection.cursor() as cursor:
        cursor.execute(_in_range(_SPANS, issuer_range), values)
        first, issued, total = cursor.fetchone() or (0, 0, 0)
    surplus = max(0, int(total) - newest)
    return WarmPlan(
        issuer_range=issuer_range,
        first_span=first,
        start=_start(first, cards=issued - surplus) if surplus else 0,
        cards=int(total) - surplus,
    )


def _start(span_id: int, *, cards: int) -> int:
    """Find the slot from which on the span has so many cards."""
    with connection.cursor() as cursor:
        cursor.execute(_START, {"first": span_id, "others": cards - 1})
        (slot,) = cursor.fetchone() or (0,)
    return int(slot)


def carry_out(planned: WarmPlan, *, step: Callable[[int], object] = lambda _: None) -> WarmReport:
    """Put the cards into the cache; negative ones with letters are left out.

    :param step: told how many cards were seen, each time
    :raises CacheUnreachable: as soon as the cache server takes none
    """
    kept = refused = 0
    for rows in _batches(planned):
        cards = [row for row in rows if row[1].isdigit()]
        taken = _remember(cards) if cards else 0
        kept, refused = kept + taken, refused + len(cards) - taken
        step(len(rows))
    return WarmReport(kept=kept, refused=refused)


def _batches(planned: WarmPlan) -> Iterator[list[Row]]:
    """Read the cards from the oldest to the newest span, without holding them all."""
    pieces: list[Piece] = []
    slots = 0
    for piece in _pieces(planned):
        pieces.append(piece)
        slots += len(piece[0])
        if slots >= _BATCH:
            yield _cards(pieces)
            pieces, slots = [], 0
    yield _cards(pieces)


def _pieces(planned: WarmPlan) -> Iterator[Piece]:
    values = _values(planned.issuer_range) | {"first": planned.first_span, "start": planned.start}
    # Outside a transaction PgBouncer would look for the cursor on another connection.
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_in_range(_NEWEST, planned.issuer_range), values)
        for first, end, owner in cursor:
            yield from ((piece, owner) for piece in Span(first, end).pieces(size=_BATCH))


def _cards(pieces: list[Piece]) -> list[Row]:
    """Read the cards of these pieces, in their order, with whose they are."""
    cards = _of_one(*pieces[0]) if len(pieces) == 1 else _of_many(pieces)
    claimers = dict(read_binary(_CLAIMERS, [",".join([pan for _, pan, _ in cards])]))
    if not claimers:
        return cards
    return [(slot, pan, claimers.get(pan, owner)) for slot, pan, owner in cards]


def _of_one(span: Span, owner: UUID) -> list[Row]:
    return [(slot, pan, owner) for slot, pan in read_binary(_IN_SPAN, [span.first, span.end])]


def _of_many(pieces: list[Piece]) -> list[Row]:
    owners = {slot: owner for span, owner in pieces for slot in range(span.first, span.end)}
    pans = dict(read_binary(_IN_SLOTS, [",".join(map(str, owners))]))
    return [(slot, pans[slot], owner) for slot, owner in owners.items() if slot in pans]


def _remember(rows: list[Row]) -> int:
    pans = np.array([pan for _, pan, _ in rows], dtype="S19")
    known = {place: Issued(slot, owner) for place, (slot, _, owner) in enumerate(rows)}
    taken = answers.remember(pans, known)
    if not taken:
        raise CacheUnreachable("The cache server fails; cards before that may be in it.")
    return taken


def _in_range(sql: str, issuer_range: IssuerRange | None) -> str:
    return sql.format(range=_RANGE if issuer_range else "")


def _values(issuer_range: IssuerRange | None) -> dict[str, int]:
    return {"range": issuer_range.pk} if issuer_range else {}
