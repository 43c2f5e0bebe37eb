"""Delete rows of the ledger; what they stood for stays known from the pool and the exclusions."""

from collections.abc import Iterator
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import NumericRange

from uniqueness import ledger, settlement
from uniqueness.excluded import claimed_slots, excluded_slots
from uniqueness.free_spans import span_of
from uniqueness.models import Card, Reservation
from uniqueness.spans import Span


def mark(owner: UUID) -> bool:
    """Say that the slots of the owner's spans were issued, whatever the ledger says from now on.

    Runs inside the caller's transaction, before the first row goes. Slots that were left out, for
    their numbers are excluded, get spans of their own, which were never issued.

    :returns: False if a writer has one of the spans locked: then no row may go yet
    """
    settlement.finish(owner)
    spans = Reservation.objects.filter(owner=owner)
    if spans.filter(state=Reservation.State.HELD).exists():
        return False
    used = spans.filter(state=Reservation.State.USED, purged=False)
    for row in used.filter(issued__gt=0).select_related("issuer_range").order_by("pk"):
        _mark(row)
    return True


def _mark(row: Reservation) -> None:
    span = span_of(row)
    left_out = _left_out(span, sequential=row.sequential)
    issued = list(_between(span, left_out))
    full = sum(map(len, issued)) == row.issued
    row.delete()
    for piece in [*issued, *(Span(slot, slot + 1) for slot in left_out)]:
        cards = len(piece) if full else ledger.count(piece)
        purged = piece.first not in left_out
        Reservation.objects.create(
            issuer_range=row.issuer_range,
            span=NumericRange(piece.first, piece.end),
            state=Reservation.State.USED,
            owner=row.owner,
            sequential=row.sequential,
            issued=cards if purged else 0,
            purged=purged,
        )


def _left_out(span: Span, *, sequential: bool) -> list[int]:
    """List the slots that the owner stepped over; a provider may publish an issued number later."""
    claimed = set(claimed_slots(span, sequential=sequential))
    excluded = excluded_slots(span, sequential=sequential)
    cards = set(Card.objects.filter(slot__in=excluded).values_list("slot", flat=True))
    return [slot for slot in excluded if slot in claimed or slot not in cards]


def _between(span: Span, slots: list[int]) -> Iterator[Span]:
    first = span.first
    for slot in [*slots, span.end]:
        if slot > first:
            yield Span(first, slot)
        first = slot + 1


def delete(span: Span, *, only: list[int] | None) -> int:
    """Delete the cards of a span, less those claimed by hand; return how many.

    Runs inside the caller's transaction.

    :param only: the packed slots to delete; without it, all but the claimed ones
    """
    cards = Card.objects.filter(slot__gte=span.first, slot__lt=span.end)
    if only is not None:
        cards = cards.filter(slot__in=only)
    else:
        cards = cards.exclude(slot__in=claimed_slots(span, sequential=_is_sequential(span)))
    return cards.delete()[0]


def _is_sequential(span: Span) -> bool:
    holder = Reservation.objects.filter(span__contains=span.first, sequential=True)
    return holder.exists()
