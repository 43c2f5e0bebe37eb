"""Numbers that accepted jobs will still set aside: counted by range, so that nobody takes them.

A job of 100 million cards sets some windows aside at a time, and is promised the rest. Orders,
claims and stocks leave as many numbers in the range as are promised there.
"""

from uuid import UUID

from django.db.models import F, Sum

from generation.models import IssuerRange
from uniqueness.errors import ReservationLost
from uniqueness.models import Promise


def add(issuer_range: IssuerRange, *, count: int, owner: UUID) -> None:
    """Promise the owner so many numbers more; the range must be locked and have them."""
    row, made = Promise.objects.get_or_create(
        issuer_range=issuer_range, owner=owner, defaults={"count": count}
    )
    if not made:
        Promise.objects.filter(pk=row.pk).update(count=F("count") + count)


def lower(issuer_range: IssuerRange, *, count: int, owner: UUID) -> None:
    """Take so many numbers off what the owner was promised; the range must be locked.

    :raises ReservationLost: if fewer are promised: the owner was given up
    """
    mine = Promise.objects.filter(issuer_range=issuer_range, owner=owner)
    if mine.filter(count=count).delete()[0]:
        return
    if not mine.filter(count__gt=count).update(count=F("count") - count):
        raise ReservationLost


def of(owner: UUID) -> int:
    """Count what the owner was promised and has not set aside."""
    return _sum(owner=owner)


def in_range(issuer_range: IssuerRange) -> int:
    """Count what all owners were promised in the range."""
    return _sum(issuer_range=issuer_range)


def withdraw(owner: UUID) -> None:
    """Promise the owner nothing any more."""
    Promise.objects.filter(owner=owner).delete()


def _sum(**which: object) -> int:
    rows = Promise.objects.filter(**which)
    return int(rows.aggregate(n=Sum("count", default=0))["n"])
