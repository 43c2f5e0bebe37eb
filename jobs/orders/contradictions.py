"""What does not go together in an order, whatever the ranges have."""

from collections.abc import Iterator

from generation.fields import DISFIGURED, FieldImpossible, check_fields
from jobs import planning
from jobs.orders.order import Order
from toolkit.refusals import Mistake, Refusal


class InvalidOrder(Mistake):
    """The order contradicts itself."""

    code = "invalid_order"


def contradictions_in(order: Order) -> Iterator[Refusal]:
    """Yield each of them; needs no look at the database."""
    if order.distinct_last_four:
        yield from _about_last_fours(order)
    if order.defect is not None:
        try:
            check_fields(order.fields, defect=order.defect)
        except FieldImpossible as refusal:
            yield refusal


def _about_last_fours(order: Order) -> Iterator[InvalidOrder]:
    if order.count > planning.MOST:
        yield InvalidOrder(
            f"There are {planning.MOST:,} different last four digits; {order.count:,} cards were"
            " asked for.",
            most=planning.MOST,
        )
    if order.sequential:
        yield InvalidOrder(
            "Numbers that follow each other share their last four digits: order them random, or"
            " without distinct last four digits."
        )
    if order.defect in DISFIGURED:
        yield InvalidOrder(f"Cards with the defect {order.defect} have no last four digits.")
