"""Spans that were set aside once and provably hold no card: kept to be used again."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.backends.postgresql.psycopg_any import NumericRange
from django.db.models import F, Func, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from generation.models import IssuerRange
from uniqueness.models import Reservation
from uniqueness.slots import Span, count_excluded, end_for

_LOOKED_AT = 20
_LENGTH = Func(F("span"), template="upper(%(expressions)s) - lower(%(expressions)s)")


def fitting(issuer_range: IssuerRange, *, count: int, sequential: bool) -> Reservation | None:
    """Find the smallest free span with `count` usable slots; the range must be locked."""
    rows = _free(issuer_range, sequential=sequential).filter(length__gte=count)
    row: Reservation
    for row in rows.order_by("length", "span")[:_LOOKED_AT]:
        span = span_of(row)
        if end_for(span, count=count, sequential=sequential) <= span.end:
            return row
    return None


def of_range(issuer_range: IssuerRange) -> list[Reservation]:
    """List all free spans, ascending."""
    free = Reservation.objects.filter(issuer_range=issuer_range, state=Reservation.State.FREE)
    return list(free.order_by("span"))


def largest_first(issuer_range: IssuerRange, *, sequential: bool) -> list[Reservation]:
    """List the free spans of windows of one order, the largest first."""
    return list(_free(issuer_range, sequential=sequential).order_by("-length", "span"))


def hold(row: Reservation, *, count: int, owner: UUID) -> Span:
    """Give the first `count` usable slots of a free span to an owner; the rest stays free."""
    span = span_of(row)
    end = min(span.end, end_for(span, count=count, sequential=row.sequential))
    if end == span.end:
        row.delete()
    else:
        row.span = NumericRange(end, span.end)
        row.save(update_fields=["span"])
    return hold_span(
        row.issuer_range, span=Span(span.first, end), owner=owner, sequential=row.sequential
    )


def hold_from(rows: Iterable[Reservation], *, count: int, owner: UUID) -> list[Span]:
    """Give `count` usable slots of free spans, which have as many, to an owner."""
    spans: list[Span] = []
    for row in rows:
        some = min(count, usable(row)) if count else 0
        if some:
            spans.append(hold(row, count=some, owner=owner))
            count -= some
    return spans


def hold_span(
    issuer_range: IssuerRange, *, span: Span, owner: UUID, sequential: bool = False
) -> Span:
    """Set a span aside for an owner."""
    Reservation.objects.create(
        issuer_range=issuer_range,
        span=NumericRange(span.first, span.end),
        owner=owner,
        sequential=sequential,
        holes=[],
        expires_at=expiry(),
    )
    return span


def set_free(issuer_range: IssuerRange, *, span: Span, sequential: bool) -> Reservation:
    """Record a span that holds no card as free."""
    return Reservation.objects.create(
        issuer_range=issuer_range,
        span=NumericRange(span.first, span.end),
        state=Reservation.State.FREE,
        sequential=sequential,
    )


def usable(row: Reservation) -> int:
    """Count the slots of a free span that may be minted."""
    span = span_of(row)
    return len(span) - count_excluded(span, sequential=row.sequential)


def span_of(row: Reservation) -> Span:
    """The row's packed slots."""
    return Span(int(row.span.lower), int(row.span.upper))


def expiry() -> Combinable:
    """When a reservation made or renewed now runs out, by the database's clock."""
    lifetime: timedelta = settings.CARDGEN_RESERVATION
    return Now() + Value(lifetime)


def _free(issuer_range: IssuerRange, *, sequential: bool) -> QuerySet[Any]:
    free = Reservation.objects.filter(
        issuer_range=issuer_range, state=Reservation.State.FREE, sequential=sequential
    )
    return free.annotate(length=_LENGTH)
