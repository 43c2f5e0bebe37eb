"""Everything that stands in the way of a claim, found at once: no number is held or claimed."""

from collections.abc import Iterator

from generation import ranges
from generation.models import IssuerRange
from jobs.orders.accepting import check_cvv
from jobs.orders.claims import contradictions_in_wish
from jobs.orders.obstacles import Obstacle, met, of_the_caller, with_first
from jobs.orders.order import Order, Origin
from toolkit.refusals import Refusal
from uniqueness import claims
from uniqueness.claims import Wish


def obstacles_to_claim(
    order: Order, *, wish: Wish, origin: Origin, first: Refusal | None = None
) -> list[Obstacle]:
    """List all that a claim would be refused for.

    :param order: of one item; it, like the wish, may lack what was wrong
    :param first: what it was refused for already
    """
    found = list(_found(order, wish=wish, origin=origin))
    return with_first(first, found, at=_field_of(wish) if _is_about_numbers(first) else "")


def _found(order: Order, *, wish: Wish, origin: Origin) -> Iterator[Obstacle]:
    for forbidden in of_the_caller(order, origin=origin):
        yield Obstacle(refusal=forbidden)
    (item,) = order.items
    if not item.range:
        return
    try:
        issuer_range = ranges.named(item.range)
    except Refusal as refusal:
        yield Obstacle(refusal=refusal)
        return
    for misfit in met(lambda: check_cvv(order, [issuer_range])):
        yield Obstacle(refusal=misfit)
    for field, impossible in contradictions_in_wish(wish, issuer_range):
        yield Obstacle(refusal=impossible, at=field)
    yield from _about_numbers(wish, issuer_range)


def _about_numbers(wish: Wish, issuer_range: IssuerRange) -> Iterator[Obstacle]:
    """Look at listed numbers alone: a search may take seconds, and a claim searches by itself."""
    if wish.numbers:
        for refusal in met(lambda: claims.find(issuer_range, wish=wish, count=len(wish.numbers))):
            yield Obstacle(refusal=refusal)


def _is_about_numbers(first: Refusal | None) -> bool:
    return first is not None and first.code == claims.NotClaimable.code


def _field_of(wish: Wish) -> str:
    """What says which numbers."""
    return "numbers" if wish.numbers else "ending" if wish.ending is not None else "start"
