"""Cards to record, and the recipe that they follow."""

from generation.kernel.mint import Cards, mint, span
from generation.kernel.spec import Profile
from generation.models import IssuerRange
from generation.ranges import spec
from generation.recipes import Recipe

PROFILE = Profile(first_month=2030 * 12 + 11, months=30)


RECIPE = Recipe(profile=PROFILE, month=2026 * 12)


def cards_of(issuer_range: IssuerRange, *, first: int = 0, count: int = 200) -> Cards:
    return mint(spec(issuer_range), slots=span(first, count), profile=PROFILE)
