"""A small order in one short transaction: its numbers come from a stock, its cards are made before.

`accepting.generate` is the way of every order. This one leaves the same rows behind, in a fraction
of the time; what it cannot do it leaves to that way, with nothing done.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import IntegrityError, NotSupportedError, transaction

from generation import recipes
from generation.batch import Batch
from generation.kernel.mint import Cards
from generation.models import IssuerRange
from generation.schemes import code_of
from jobs import quotas, results, states, work
from jobs.models import Chunk, ChunkState, Item, Job, Status
from jobs.orders import accepting, idempotency
from jobs.orders.accepting import check_cvv, new_job, ranges_for
from jobs.orders.order import Order, Origin
from jobs.orders.share import require_priority
from jobs.quotas import Orderer
from jobs.results import Block
from toolkit.database import refused_by
from toolkit.pipeline import Parts, together
from uniqueness import ledger
from uniqueness.errors import DuplicateRefused
from uniqueness.pool.stock import Piece, StockInDoubt, StockLost, Stocks
from uniqueness.sharding import is_distributed

logger = logging.getLogger(__name__)
_ENDED = dict.fromkeys(
    ("started_at", "running_since", "progressed_at", "finished_at"), "statement_timestamp()"
)
# It is counted by quotas.counting_part; its row must not be looked at for any day.
_COUNTED = {"counted_from": "to_timestamp(0)"}
_QUEUE = "SELECT EXISTS (SELECT FROM jobs_queue WHERE paused) AS paused"
_ANSWER = "SELECT (SELECT paused FROM queue), (SELECT id FROM chunk)"
_stocks = Stocks()


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A finished job and its cards."""

    job: Job
    block: Block


class Faster(Exception):
    """Another request with the same Idempotency-Key has committed."""


class Paused(Exception):
    """No cards are made while the queue is paused."""


def generate(*, order: Order, origin: Origin) -> tuple[Job, Iterable[Block]]:
    """Mint a small order on the spot; return its job, and its cards if it has finished.

    :raises Refusal: as `accepting.submit`
    """
    try:
        issued = issue(order=order, origin=origin)
    except DuplicateRefused as error:
        return _stopped(error, order=order, origin=origin), []
    if issued:
        return issued.job, [issued.block]
    job = accepting.generate(order=order, origin=origin)
    return job, results.blocks(job)


def issue(*, order: Order, origin: Origin) -> Issued | None:
    """Issue the cards of an order of one plain item; None: it takes the way of all orders.

    :raises Refusal: as `accepting.submit`, with nothing done
    :raises DuplicateRefused: if a unique index refuses a card, with nothing done
    """
    if _needs_the_long_way(order):
        return None
    (item,) = order.items
    require_priority(order.priority, user=origin.owner)

    def choose() -> IssuerRange:
        issuer_range = ranges_for(item)[0]
        check_cvv(order, [issuer_range])
        return issuer_range

    try:
        with _stocks.piece(
            (item.scheme and code_of(item.scheme), item.range), count=item.count, choose=choose
        ) as piece:
            return _issue(piece, order=order, origin=origin) if piece else None
    except (StockLost, Paused, Faster):
        return None
    except NotSupportedError:
        # The ledger has been distributed since this process asked; nothing was written.
        is_distributed.cache_clear()
        return None


def _needs_the_long_way(order: Order) -> bool:
    unusual = order.defect or order.distinct_last_four or order.sequential or order.tell_webhooks
    return bool(unusual) or len(order.items) > 1 or is_distributed()


def _issue(piece: Piece, *, order: Order, origin: Origin) -> Issued:
    issuer_range = piece.stock.issuer_range
    check_cvv(order, [issuer_range])
    job = new_job(order, origin=origin, status=Status.SUCCEEDED)
    job.produced = job.counted_before = job.requested
    slots = piece.slots - issuer_range.first_slot
    cards = recipes.make(issuer_range=issuer_range, slots=slots, recipe=job.recipe)
    with _telling_refusals(issuer_range):
        chunk_id = _write_rows(job, piece, cards, orderer=origin.orderer)
    work.CARDS.add(count=job.requested)
    states.ENDED.add(job.status)
    work.announce_soon(job)
    batch = Batch(issuer_range=issuer_range, cards=cards, recipe=job.recipe)
    return Issued(job=job, block=Block(chunk_id=chunk_id, batch=batch))


@contextmanager
def _telling_refusals(issuer_range: IssuerRange) -> Iterator[None]:
    """Tell what a constraint that refused a row means.

    :raises Faster: if it is that of the Idempotency-Key
    :raises DuplicateRefused: if it is an index of the ledger
    :raises StockInDoubt: if it should never refuse, which is an alarm
    """
    try:
        yield
    except IntegrityError as error:
        if idempotency.is_ours(error):
            raise Faster from None
        if ledger.is_refusal(error):
            raise DuplicateRefused(range_name=issuer_range.name) from None
        # The message would quote the row.
        logger.critical("a small order was refused by %s", refused_by(error))
        raise StockInDoubt from None


def _stopped(error: DuplicateRefused, *, order: Order, origin: Origin) -> Job:
    """Leave a failed job behind, as the way of all orders does: no other number is tried."""
    with transaction.atomic():
        job = accepting.create_job(order, origin=origin, status=Status.RUNNING)
        states.move(job.id, to=Status.FAILED, error_code=error.code, error=str(error), quiet=True)
    logger.critical("job %s stopped: %s", job.id, error)
    job.refresh_from_db()
    return job


def _write_rows(job: Job, piece: Piece, cards: Cards, *, orderer: Orderer) -> int:
    """Write the order, its cards and that nobody else has them; return the id of its only chunk.

    :raises Paused: and
    :raises StockLost: if that could not be, with nothing written
    """
    parts = Parts()
    parts.add("queue", _QUEUE, {})
    source = piece.hand_out(
        parts, owner=job.id, cards=cards, only_if="NOT (SELECT paused FROM queue)"
    )
    item = Item(job=job, position=0, issuer_range=piece.stock.issuer_range, count=job.requested)
    parts.add("taken", *quotas.counting_part(orderer, cards=job.requested, source=source))
    parts.add_row(job, source=source, **_ENDED, **_COUNTED)
    parts.add_row(item, source=source)
    chunk = _chunk(job, piece)
    parts.add_row(chunk, source="item", item_id="item.id", done_at="statement_timestamp()")
    with together() as send:
        quotas.admit(orderer, cards=job.requested)
        piece.hold_off(send)
        answer = send(*parts.statement(_ANSWER))
    ((paused, chunk_id),) = answer.fetchall()
    if paused:
        raise Paused
    if chunk_id is None:
        raise StockLost
    return int(chunk_id)


def _chunk(job: Job, piece: Piece) -> Chunk:
    return Chunk(
        job=job,
        first_slot=piece.span.first,
        end_slot=piece.span.end,
        wanted=job.requested,
        produced=job.requested,
        state=ChunkState.DONE,
        epoch=1,
        attempts=1,
        worker=work.worker_name(),
    )
