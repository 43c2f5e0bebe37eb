"""What was asked: an order, checked and accepted."""

from jobs.orders.accepting import check_order, submit
from jobs.orders.contradictions import contradictions_in
from jobs.orders.filling import AmbiguousProfile, UnknownProfile, filled, without_profile
from jobs.orders.idempotency import forget
from jobs.orders.obstacles import Obstacle, obstacles_to
from jobs.orders.order import MAX_COUNT, MAX_INLINE, ItemOrder, Order, Origin
from jobs.orders.profiles import (
    ProfileDraft,
    delete_profile,
    order_in_words,
    own_profile,
    profile_of,
    profiles_of,
    rename_profile,
    save_or_replace,
    save_profile,
)
from jobs.orders.renewals import FIELDS, MOST_MONTHS, TERM_MONTHS, renew_cards
from jobs.orders.room import require_room
from jobs.orders.teams import team_kept

__all__ = [
    "FIELDS",
    "MAX_COUNT",
    "MAX_INLINE",
    "MOST_MONTHS",
    "TERM_MONTHS",
    "AmbiguousProfile",
    "ItemOrder",
    "Obstacle",
    "Order",
    "Origin",
    "ProfileDraft",
    "UnknownProfile",
    "check_order",
    "contradictions_in",
    "delete_profile",
    "filled",
    "forget",
    "obstacles_to",
    "order_in_words",
    "own_profile",
    "profile_of",
    "profiles_of",
    "rename_profile",
    "renew_cards",
    "require_room",
    "save_or_replace",
    "save_profile",
    "submit",
    "team_kept",
    "without_profile",
]
