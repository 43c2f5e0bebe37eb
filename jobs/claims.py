"""Jobs for particular numbers: done in the transaction that accepts them, all or nothing."""

from dataclasses import dataclass

import numpy as np
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now
from numpy.typing import NDArray

from generation import ranges, recipes
from generation.models import IssuerRange, SequentialWindow
from jobs import services, states
from jobs.models import Chunk, ChunkState, Item, Job, Status
from jobs.orders import Order
from jobs.services import InvalidOrder
from uniqueness import claims
from uniqueness.claims import NotClaimable
from uniqueness.spans import WINDOW
from uniqueness.unused import Pans, Search, ending, following, unused

_SHOWN = 100
_TRIES = 4  # searches of up to five seconds each, all without a lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which numbers: those listed, or `count` that end in something or follow a start."""

    numbers: tuple[str, ...] = ()
    ending: str | None = None
    start: str | None = None


def claim(*, order: Order, wish: Wish, owner: User, api_key_id: int | None = None) -> Job:
    """Issue particular unissued numbers of the order's one range; minting steps over them later.

    :raises NotClaimable: with nothing claimed, if one is not to be had, and says which; or if
        others were faster each time
    :raises Refusal: as `services.submit`
    """
    issuer_range = ranges.named(order.items[0].range or "")
    services.check_cvv(order, [issuer_range])
    _check(wish, issuer_range)
    for _ in range(_TRIES):
        # Before any lock: it may take seconds.
        pans = _choose(issuer_range, wish=wish, count=order.count)
        with transaction.atomic():
            # Before the range: quotas are locked first.
            job = services.create_job(
                order, owner=owner, status=Status.RUNNING, api_key_id=api_key_id
            )
            if _issue(job, issuer_range, pans=pans):
                job.refresh_from_db()
                return job
            transaction.set_rollback(True)
    raise NotClaimable(
        f"Others were faster: {_TRIES} times numbers of range {issuer_range.name} were found, and"
        " some of them taken before they could be claimed. Nothing was claimed; try again, or begin"
        " at another start.",
        range=issuer_range.name,
    )


def _issue(job: Job, issuer_range: IssuerRange, *, pans: Pans) -> bool:
    """Issue the numbers and return true; false if somebody has taken one since they were found."""
    claims.lock(issuer_range, slots=ranges.slots_of(issuer_range, pans=pans))
    if not unused(issuer_range, pans).all():
        return False
    # Under the lock: the window of a number may count up by now.
    slots = ranges.slots_of(issuer_range, pans=pans)
    claims.keep_windows(issuer_range, slots=slots)
    job.sequential = _in_sequence(issuer_range, slots)
    job.save(update_fields=["sequential"])
    cards = recipes.make(issuer_range=issuer_range, slots=slots, recipe=job.recipe)
    claims.take(
        issuer_range=issuer_range,
        cards=cards,
        owner=job.id,
        source=f"claimed by {job.owner.get_username()}",
    )
    _keep(job, issuer_range, slots=slots + issuer_range.first_slot)
    states.move(job.id, to=Status.SUCCEEDED)
    return True


def _check(wish: Wish, issuer_range: IssuerRange) -> None:
    iin, length = issuer_range.iin, issuer_range.pan_length
    most = length - len(iin)
    if wish.ending is not None and len(wish.ending) > most:
        raise InvalidOrder(
            f"Numbers of range {issuer_range.name} differ in the last {most} digits."
        )
    if wish.start is not None and not (
        len(wish.start) <= length and iin.startswith(wish.start[: len(iin)])
    ):
        raise InvalidOrder(
            f"Numbers of range {issuer_range.name} begin with {iin} and have {length} digits; give"
            " a start that does, or its first digits."
        )


def _choose(issuer_range: IssuerRange, *, wish: Wish, count: int) -> Pans:
    if wish.numbers:
        return _listed(issuer_range, wish.numbers)
    if wish.ending is not None:
        found = ending(issuer_range, digits=wish.ending, count=count)
    else:
        found = following(issuer_range, start=wish.start or "", count=count)
    if found.pans.size < count:
        raise _too_few(issuer_range, found=found, count=count)
    return found.pans


def _too_few(issuer_range: IssuerRange, *, found: Search, count: int) -> NotClaimable:
    asked = f"{count} were asked for. Nothing was claimed."
    if found.complete:
        return NotClaimable(
            f"Only {found.pans.size} such numbers of range {issuer_range.name} are unused, {asked}",
            range=issuer_range.name,
            left=int(found.pans.size),
        )
    return NotClaimable(
        f"Stopped looking after {found.looked_at:,} numbers of range {issuer_range.name}, of which"
        f" {found.pans.size} are unused; {asked} Begin at another start, or ask for fewer.",
        range=issuer_range.name,
    )


def _listed(issuer_range: IssuerRange, numbers: tuple[str, ...]) -> Pans:
    pans = np.array([number.encode() for number in numbers], dtype="S32")
    fitting = np.char.str_len(pans) == issuer_range.pan_length
    usable = fitting.copy()
    cut: Pans = pans[fitting].astype(f"S{issuer_range.pan_length}")
    usable[fitting] = unused(issuer_range, cut) if cut.size else False
    if not usable.all():
        places = np.flatnonzero(~usable).tolist()
        raise NotClaimable(
            f"{len(places)} of the numbers are not unused numbers of range {issuer_range.name}, the"
            f" first at place {places[0]}. Nothing was claimed.",
            range=issuer_range.name,
            places=places[:_SHOWN],
        )
    return cut


def _in_sequence(issuer_range: IssuerRange, slots: NDArray[np.int64]) -> bool:
    """Tell whether the slots lie in sequential windows; a job is made in one order only."""
    windows = SequentialWindow.objects.filter(issuer_range=issuer_range)
    inside = np.isin(slots // WINDOW, list(windows.values_list("window", flat=True)))
    if inside.any() and not inside.all():
        raise NotClaimable(
            "Some of the numbers lie in windows kept for sequential cards and some do not: claim"
            " them apart.",
            places=np.flatnonzero(inside).tolist()[:_SHOWN],
        )
    return bool(inside.all())


def _keep(job: Job, issuer_range: IssuerRange, *, slots: NDArray[np.int64]) -> None:
    """Record where the claimed cards lie: a chunk, done, for each, in the order asked."""
    item = Item.objects.create(job=job, position=0, issuer_range=issuer_range, count=slots.size)
    Chunk.objects.bulk_create(
        Chunk(
            job=job,
            item=item,
            first_slot=slot,
            end_slot=slot + 1,
            slots=[slot],
            wanted=1,
            produced=1,
            state=ChunkState.DONE,
        )
        for slot in slots.tolist()
    )
    Job.objects.filter(id=job.id).update(produced=slots.size, progressed_at=Now())
