"""Cards to record, and the recipe that they follow."""

from collections.abc import Iterator
from contextlib import contextmanager

from generation.kernel.mint import Cards, mint, span
from generation.kernel.spec import Profile
from generation.models import IssuerRange
from generation.ranges import spec
from generation.recipes import Recipe
from uniqueness.models import Card

PROFILE = Profile(first_month=2030 * 12 + 11, months=30)


RECIPE = Recipe(profile=PROFILE, month=2026 * 12)


def cards_of(issuer_range: IssuerRange, *, first: int = 0, count: int = 200) -> Cards:
    return mint(spec(issuer_range), slots=span(first, count), profile=PROFILE)


@contextmanager
def unseen(count: int) -> Iterator[None]:
    """Hide the newest cards for a while, as those of a commit whose node has yet to come back."""
    hidden = list(Card.objects.order_by("-slot")[:count])
    Card.objects.filter(slot__in=[card.slot for card in hidden]).delete()
    yield
    Card.objects.bulk_create(hidden)
