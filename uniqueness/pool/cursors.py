"""After a restore from a backup: step past every number that may have been handed out since."""

from dataclasses import dataclass
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import NumericRange

from generation.models import IssuerRange
from uniqueness.models import Pool, Promise, Reservation
from uniqueness.pool.reserving import move_cursor, next_slot
from uniqueness.slots import WINDOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far one range's cursor went, in slots."""

    name: str
    before: int
    after: int
    capacity: int

    @property
    def exhausted(self) -> bool:
        """Nothing is left to mint."""
        return self.after == self.capacity


def positions() -> dict[str, int]:
    """Tell where each range's cursor stands, by the range's name, in slots."""
    used = Pool.objects.select_related("issuer_range").filter(next_slot__gt=0)
    return {pool.issuer_range.name: pool.next_slot for pool in used.order_by("issuer_range_id")}


def advance(issuer_range: IssuerRange, *, by: int, owner: UUID, known: int = 0) -> Step:
    """Give up what is free, held, promised or within `by` slots past the cursor, in whole windows.

    Runs inside the caller's transaction. What is given up belongs to `owner` and holds no cards.

    :param known: how far the cursor is known to have been, if that is further
    """
    before = next_slot(issuer_range)
    wanted = max(before, known) + by
    after = min(wanted + -wanted % WINDOW, issuer_range.capacity)
    loose = Reservation.objects.filter(issuer_range=issuer_range, state=Reservation.State.FREE)
    loose.update(state=Reservation.State.USED, owner=owner)
    held = Reservation.objects.filter(issuer_range=issuer_range, state=Reservation.State.HELD)
    held.update(state=Reservation.State.USED, expires_at=None)
    Promise.objects.filter(issuer_range=issuer_range).delete()
    if after > before:
        move_cursor(issuer_range, to=after)
        Reservation.objects.create(
            issuer_range=issuer_range,
            span=NumericRange(issuer_range.first_slot + before, issuer_range.first_slot + after),
            state=Reservation.State.USED,
            owner=owner,
        )
    return Step(name=issuer_range.name, before=before, after=after, capacity=issuer_range.capacity)
