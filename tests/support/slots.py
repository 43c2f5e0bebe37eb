"""Reserve, exclude and name slots of a range."""

from uuid import uuid4

import numpy as np
from django.db import connection, transaction

from generation.kernel.mint import mint, span
from generation.kernel.spec import Profile
from generation.models import IssuerRange
from generation.ranges import spec
from uniqueness.exclusions.adding import exclude
from uniqueness.models import Exclusion
from uniqueness.pool import free_spans
from uniqueness.pool.capacity import left_in
from uniqueness.pool.reserving import reserve
from uniqueness.slots import Span

PROFILE = Profile(first_month=2030 * 12, months=1)


def pans_from(issuer_range: IssuerRange, first: int, count: int) -> list[str]:
    cards = mint(spec(issuer_range), slots=span(first, count), profile=PROFILE)
    return [pan.decode() for pan in cards.pans.tolist()]


def make_free(issuer_range: IssuerRange, start: int, count: int) -> None:
    first = issuer_range.first_slot + start
    free_spans.set_free(issuer_range, span=Span(first, first + count), sequential=False)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO uniqueness_pool VALUES (%s, 200) ON CONFLICT DO NOTHING", [issuer_range.pk]
        )


def pans(issuer_range: IssuerRange, *slots: int) -> list[str]:
    cards = mint(spec(issuer_range), slots=span(0, 1000)[list(slots)], profile=PROFILE)
    return [pan.decode() for pan in cards.pans.tolist()]


def exclude_slots(issuer_range: IssuerRange, *slots: int) -> None:
    numbers = dict.fromkeys(pans(issuer_range, *slots), "a test")
    exclude(numbers, reason=Exclusion.Reason.IMPORTED)


@transaction.atomic
def take(issuer_range: IssuerRange, count: int) -> Span:
    (found,) = reserve(issuer_range=issuer_range, count=count, owner=uuid4())
    return found


def left(issuer_range: IssuerRange) -> int:
    return left_in([issuer_range])[issuer_range.pk]


def pans_in_sequence(issuer_range: IssuerRange, *slots: int) -> list[str]:
    cards = mint(
        spec(issuer_range), slots=np.array(slots, dtype=np.int64), profile=PROFILE, sequential=True
    )
    return [pan.decode() for pan in cards.pans.tolist()]


def exclude_in_sequence(issuer_range: IssuerRange, *slots: int) -> None:
    numbers = dict.fromkeys(pans_in_sequence(issuer_range, *slots), "a test")
    exclude(numbers, reason=Exclusion.Reason.IMPORTED)
