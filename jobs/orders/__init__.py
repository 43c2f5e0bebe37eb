"""What was asked: an order, checked and accepted."""

from jobs.orders.accepting import submit
from jobs.orders.contradictions import contradictions_in
from jobs.orders.idempotency import forget
from jobs.orders.obstacles import Obstacle, obstacles_to
from jobs.orders.order import MAX_COUNT, MAX_INLINE, ItemOrder, Order, Origin
from jobs.orders.renewals import FIELDS, MOST_MONTHS, TERM_MONTHS, renew_cards
from jobs.orders.room import require_room
from jobs.orders.teams import team_kept

__all__ = [
    "FIELDS",
    "MAX_COUNT",
    "MAX_INLINE",
    "MOST_MONTHS",
    "TERM_MONTHS",
    "ItemOrder",
    "Obstacle",
    "Order",
    "Origin",
    "contradictions_in",
    "forget",
    "obstacles_to",
    "renew_cards",
    "require_room",
    "submit",
    "team_kept",
]
