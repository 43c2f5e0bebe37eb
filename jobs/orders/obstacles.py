"""Everything that stands in an order's way, found at once: nothing is written or reserved.

An order is refused for the first thing that it meets; whoever mends that would meet the next. So
when one is refused, or is wrong itself, the rest is looked for as well.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import transaction

from generation.models import IssuerRange
from generation.recipes import check_defect
from jobs import quotas
from jobs.models import Status
from jobs.orders.accepting import check_cvv, new_job, ranges_for, reserve
from jobs.orders.contradictions import contradictions_in
from jobs.orders.order import ItemOrder, Order, Origin
from jobs.orders.room import require_room
from jobs.orders.share import require_priority
from jobs.orders.teams import team_named
from toolkit.refusals import Refusal
from uniqueness.pool.capacity import left_in

_FIELDS = {
    "range_exhausted": "count",
    "too_few_last_fours": "count",
    "beyond_share": "count",
    "no_room": "count",
    "quota_exceeded": "count",
    "priority_reserved": "priority",
    "unknown_team": "team",
    "unknown_profile": "profile",
    "ambiguous_profile": "profile",
    "unknown_scheme": "scheme",
    "unregistered_iin": "range",
    "range_disabled": "range",
    "defect_impossible": "defect",
    "expiry_too_far": "expiry",
    "too_many_rows": "format",
    "format_unavailable": "format",
    "not_claimable": "numbers",
    "field_impossible": "fields",
    "invalid_order": "distinct_last_four",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """A refusal that an order meets.

    `line` is the place of the item that does, if one alone; `at` is the field that mends it where
    the refusal alone does not say which.
    """

    refusal: Refusal
    line: int | None = None
    at: str = ""

    @property
    def field(self) -> str:
        """The field of the order that mends it; none if only waiting does."""
        code, facts = self.refusal.code, self.refusal.facts
        if self.at:
            return self.at
        if code == "quota_exceeded" and str(facts["policy"]).endswith("active-jobs"):
            return ""
        if code == "range_disabled" and "range" not in facts:
            return "scheme"
        if code == "invalid_order" and facts:
            return "cvv" if "scheme" in facts else "count"
        return _FIELDS[code]


def obstacles_to(order: Order, *, origin: Origin, first: Refusal | None = None) -> list[Obstacle]:
    """List all that the order would be refused for.

    :param order: may lack what was wrong with it: an item of neither scheme nor range, a count of 0
    :param first: what it was refused for already; of one that is not about the order nothing comes
    """
    if first is not None and first.code not in _FIELDS:
        return []
    return with_first(first, list(_found(order, origin=origin)))


def with_first(first: Refusal | None, found: list[Obstacle], *, at: str = "") -> list[Obstacle]:
    """Put what it was refused for before the rest, unless it was found again."""
    if first is not None and all(one.refusal.code != first.code for one in found):
        return [Obstacle(refusal=first, at=at), *found]
    return found


def of_the_caller(order: Order, *, origin: Origin) -> Iterator[Refusal]:
    """Yield what the caller may not do, wherever the numbers come from."""
    yield from met(lambda: require_priority(order.priority, user=origin.owner))
    yield from met(lambda: team_named(order.team, user=origin.owner))
    yield from quotas.exceeded(origin.orderer, cards=order.count)


def _found(order: Order, *, origin: Origin) -> Iterator[Obstacle]:
    for refusal in _of_the_whole(order, origin=origin):
        yield Obstacle(refusal=refusal)
    for line, item in enumerate(order.items):
        for refusal in _of(item, order=order, origin=origin):
            yield Obstacle(refusal=refusal, line=line)


def _of_the_whole(order: Order, *, origin: Origin) -> Iterator[Refusal]:
    yield from met(lambda: require_room(cards=order.count))
    yield from of_the_caller(order, origin=origin)
    yield from contradictions_in(order)


def _of(item: ItemOrder, *, order: Order, origin: Origin) -> Iterator[Refusal]:
    if not (item.scheme or item.range):
        return
    try:
        choice = ranges_for(item)[0]
    except Refusal as refusal:
        yield refusal
        return
    yield from met(lambda: check_cvv(order, [choice]))
    if defect := order.defect:
        yield from met(lambda: check_defect(issuer_range=choice, defect=defect))
    if not _fits_surely(item, choice, order=order):
        yield from met(lambda: _reserve_and_undo(item, order=order, origin=origin))


def _fits_surely(item: ItemOrder, choice: IssuerRange, *, order: Order) -> bool:
    """Tell without a lock whether so few of a range are wanted that there is no question."""
    if order.sequential or order.distinct_last_four:
        return item.count == 0
    return item.count * 100 <= left_in([choice])[choice.pk] * settings.CARDGEN_RANGE_SHARE


def _reserve_and_undo(item: ItemOrder, *, order: Order, origin: Origin) -> None:
    """Set the item's numbers aside as its job would, of all its ranges, and give them back."""
    distinct = order.distinct_last_four and not list(contradictions_in(replace(order, defect=None)))
    alone = replace(
        order, items=(item,), distinct_last_four=distinct, cvv=None, defect=None, fields=(), team=""
    )
    with transaction.atomic():
        reserve(new_job(alone, origin=origin, status=Status.QUEUED), alone)
        transaction.set_rollback(True)


def met(check: Callable[[], object]) -> Iterator[Refusal]:
    """Yield what a check refuses."""
    try:
        check()
    except Refusal as refusal:
        yield refusal
