"""Jobs for particular numbers: done in the transaction that accepts them, all or nothing."""

from collections.abc import Iterator

import numpy as np
from django.db import transaction
from django.db.models.functions import Now
from numpy.typing import NDArray

from generation import ranges, recipes
from generation.models import IssuerRange
from jobs import states
from jobs.models import Chunk, ChunkState, Item, Job, Status
from jobs.orders import accepting
from jobs.orders.contradictions import InvalidOrder
from jobs.orders.order import Order, Origin
from toolkit.refusals import Refusal
from uniqueness import claims
from uniqueness.claims import NotClaimable, Pans, Wish

_TRIES = 4  # searches of up to five seconds each, all without a lock


def claim(*, order: Order, wish: Wish, origin: Origin) -> Job:
    """Issue particular unissued numbers of the order's one range; minting steps over them later.

    :raises NotClaimable: with nothing claimed, if one is not to be had, and says which; or if
        others were faster each time
    :raises Refusal: as `accepting.submit`
    """
    issuer_range = ranges.named(order.items[0].range or "")
    accepting.check_cvv(order, [issuer_range])
    for _field, refusal in contradictions_in_wish(wish, issuer_range):
        raise refusal
    for _ in range(_TRIES):
        # Before any lock: it may take seconds.
        pans = claims.find(issuer_range, wish=wish, count=order.count)
        with transaction.atomic():
            # Before the range: quotas are locked first.
            job = accepting.create_job(order, origin=origin, status=Status.RUNNING)
            if _issue(job, issuer_range, pans=pans, quiet=not order.tell_webhooks):
                job.refresh_from_db()
                return job
            transaction.set_rollback(True)
    raise NotClaimable(
        f"Others were faster: {_TRIES} times numbers of range {issuer_range.name} were found, and"
        " some of them taken before they could be claimed. Nothing was claimed; try again, or begin"
        " at another start.",
        range=issuer_range.name,
    )


def _issue(job: Job, issuer_range: IssuerRange, *, pans: Pans, quiet: bool) -> bool:
    """Issue the numbers and return true; false if somebody has taken one since they were found."""
    held = claims.hold(issuer_range, pans=pans)
    if held is None:
        return False
    job.sequential = held.sequential
    job.save(update_fields=["sequential"])
    cards = recipes.make(issuer_range=issuer_range, slots=held.slots, recipe=job.recipe)
    claims.take(issuer_range=issuer_range, cards=cards, owner=job.id, user_id=job.owner_id)
    _keep(job, issuer_range, slots=held.slots + issuer_range.first_slot)
    states.move(job.id, to=Status.SUCCEEDED, quiet=quiet)
    return True


def contradictions_in_wish(wish: Wish, issuer_range: IssuerRange) -> Iterator[tuple[str, Refusal]]:
    """Yield what no number of the range can have, each with the field that says so."""
    iin, length = issuer_range.iin, issuer_range.pan_length
    most = length - len(iin)
    if wish.ending is not None and len(wish.ending) > most:
        text = f"Numbers of range {issuer_range.name} differ in the last {most} digits."
        yield "ending", InvalidOrder(text)
    if wish.start is not None and not (
        len(wish.start) <= length and iin.startswith(wish.start[: len(iin)])
    ):
        text = f"Numbers of range {issuer_range.name} begin with {iin} and have {length} digits;"
        yield "start", InvalidOrder(f"{text} give a start that does, or its first digits.")


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
            done_at=Now(),
        )
        for slot in slots.tolist()
    )
    Job.objects.filter(id=job.id).update(produced=slots.size, progressed_at=Now())
