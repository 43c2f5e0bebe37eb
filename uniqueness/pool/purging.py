"""Delete rows of the ledger; what they stood for stays known from the pool and the exclusions."""

from uuid import UUID

from django.db.backends.postgresql.psycopg_any import NumericRange

from uniqueness import ledger
from uniqueness.models import Card, Reservation
from uniqueness.pool import settlement
from uniqueness.pool.free_spans import span_of
from uniqueness.slots import Span, claimed_slots, excluded_slots


def mark(owner: UUID) -> bool:
    """Say that the slots of the owner's spans were issued, whatever the ledger says from now on.

    Runs inside the caller's transaction, before the first row goes. Slots that were left out, for
    their numbers are excluded, get spans of their own, which were never issued.

    :returns: False if a writer has one of the spans locked, or if not all cards are seen yet: then
        no row may go yet
    """
    settlement.finish(owner)
    spans = Reservation.objects.filter(owner=owner)
    if spans.filter(state=Reservation.State.HELD).exists():
        return False
    used = spans.filter(state=Reservation.State.USED, purged=False, issued__gt=0)
    rows = list(used.select_related("issuer_range").order_by("pk"))
    if not all(map(settlement.all_seen, rows)):
        return False
    for row in rows:
        _mark(row)
    return True


def _mark(row: Reservation) -> None:
    span = span_of(row)
    left_out = [Span(slot, slot + 1) for slot in _left_out(span, sequential=row.sequential)]
    full = len(span) - len(left_out) == row.issued
    apart = left_out if full else _without_cards(span, sequential=row.sequential)
    row.delete()
    for piece in settlement.between(span, apart):
        _keep(row, piece, issued=len(piece) if full else ledger.count(piece), purged=True)
    for piece in apart:
        _keep(row, piece, issued=0, purged=False)


def _keep(row: Reservation, piece: Span, *, issued: int, purged: bool) -> None:
    Reservation.objects.create(
        issuer_range=row.issuer_range,
        span=NumericRange(piece.first, piece.end),
        state=Reservation.State.USED,
        owner=row.owner,
        sequential=row.sequential,
        issued=issued,
        purged=purged,
    )


def _left_out(span: Span, *, sequential: bool) -> list[int]:
    """List the slots that the owner stepped over; a provider may publish an issued number later."""
    claimed = set(claimed_slots(span, sequential=sequential))
    excluded = excluded_slots(span, sequential=sequential)
    cards = _having_cards(excluded)
    return [slot for slot in excluded if slot in claimed or slot not in cards]


def _without_cards(span: Span, *, sequential: bool) -> list[Span]:
    """List the stretches without a card of the owner's, ascending.

    After a restore from a backup an owner may keep a span that it has not minted to the end.
    """
    claimed = _having_cards(claimed_slots(span, sequential=sequential))
    return sorted([*settlement.gaps(span), *(Span(slot, slot + 1) for slot in claimed)])


def _having_cards(slots: list[int]) -> set[int]:
    return set(Card.objects.filter(slot__in=slots).values_list("slot", flat=True))


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
