"""Which slots and numbers of a stretch must not be minted at random."""

import numpy as np
from django.db import connection
from django.db.models import F, QuerySet
from numpy.typing import NDArray

from generation.models import SLOTS_PER_RANGE, IssuerRange
from generation.ranges import slots_of
from uniqueness.models import Card, Exclusion
from uniqueness.slots.spans import WINDOW, Span


def excluded_slots(span: Span, *, sequential: bool = False) -> list[int]:
    """List the packed slots of the span whose numbers must never be minted, ascending.

    :param sequential: the span lies in sequential windows
    """
    if sequential:
        return _in_sequence(span)
    found = Exclusion.objects.filter(slot__gte=span.first, slot__lt=span.end)
    return [slot for slot in found.order_by("slot").values_list("slot", flat=True) if slot]


def claimed_slots(span: Span, *, sequential: bool = False) -> list[int]:
    """List the packed slots of the span whose cards were claimed by hand."""
    claimed = Exclusion.objects.filter(owner__isnull=False)
    if sequential:
        return _in_sequence(span, among=claimed)
    found = claimed.filter(slot__gte=span.first, slot__lt=span.end)
    return [slot for slot in found.values_list("slot", flat=True) if slot]


def claimed_windows(issuer_range: IssuerRange, *, slots: Span) -> list[int]:
    """List the windows with cards claimed by hand in a stretch of the range's slots.

    :param slots: not packed
    """
    first = issuer_range.first_slot
    claimed = Exclusion.objects.filter(
        owner__isnull=False, slot__gte=first + slots.first, slot__lt=first + slots.end
    )
    windows = claimed.annotate(window=(F("slot") - first) / WINDOW).values_list("window", flat=True)
    return list(windows.distinct())


def count_excluded(span: Span, *, sequential: bool = False) -> int:
    """Count the slots of the span whose numbers must never be minted."""
    if sequential:
        return len(_in_sequence(span))
    return Exclusion.objects.filter(slot__gte=span.first, slot__lt=span.end).count()


def excluded_among(pans: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    """List the excluded numbers between the smallest and the largest of these."""
    lowest, highest = min(pans.tolist()).decode(), max(pans.tolist()).decode()
    found = Exclusion.objects.filter(pan__gte=lowest, pan__lte=highest)
    return np.array([pan.encode() for pan in found.values_list("pan", flat=True)], dtype="S19")


def end_for(span: Span, *, count: int, sequential: bool = False) -> int:
    """Find where the shortest stretch from the start of `span` with `count` usable slots ends.

    Each excluded number met pushes the end one slot further, which may meet another one: with the
    k-th excluded slot (0-based) at distance d from the start, it is met if d - k < count. The end
    is past the span's own if the span has fewer usable slots.
    """
    if sequential:
        slots = np.array(_in_sequence(span), dtype=np.int64)
        usable_before = slots - span.first - np.arange(slots.size)
        return span.first + count + int((usable_before < count).sum())
    sql = """
        SELECT count(*) FROM (
            SELECT slot - %(first)s - row_number() OVER (ORDER BY slot) + 1 AS usable_before
            FROM uniqueness_exclusion WHERE slot >= %(first)s AND slot < %(end)s
        ) met WHERE usable_before < %(count)s
    """
    near = _beginning(span, count=count)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"first": near.first, "end": near.end, "count": count})
        return span.first + count + int(cursor.fetchone()[0])


def _beginning(span: Span, *, count: int) -> Span:
    """Cut the span behind `count` usable slots, at most twice as far as need be.

    A range may have a million exclusions, and few orders meet more than some.
    """
    near = Span(span.first, min(span.first + count, span.end))
    while near.end < span.end and len(near) - count_excluded(near) < count:
        near = Span(span.first, min(span.first + 2 * len(near), span.end))
    return near


def _in_sequence(span: Span, *, among: QuerySet[Exclusion] | None = None) -> list[int]:
    """A window has the same numbers in either order: find those by window, then their slots."""
    whole = Span(span.first - span.first % WINDOW, span.end + -span.end % WINDOW)
    rows = Exclusion.objects.all() if among is None else among
    inside = rows.filter(slot__gte=whole.first, slot__lt=whole.end)
    pans = list(inside.values_list("pan", flat=True))
    if not pans:
        return []
    issuer_range = IssuerRange.objects.get(pk=span.first // SLOTS_PER_RANGE)
    slots = np.sort(slots_of(issuer_range, pans=pans)) + issuer_range.first_slot
    return [int(slot) for slot in slots[(slots >= span.first) & (slots < span.end)]]


def excluded_unminted(span: Span) -> set[int]:
    """The excluded packed slots of the span that hold no card."""
    excluded = set(excluded_slots(span))
    return excluded - set(Card.objects.filter(slot__in=excluded).values_list("slot", flat=True))
