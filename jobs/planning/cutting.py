"""From an item to chunks: numbers reserved and cut, not yet saved."""

from bisect import bisect_left
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Case, Sum, When

from jobs.models import MADE, Chunk, ChunkState, Item, Job
from jobs.planning import distinct
from jobs.planning.distinct import last_fours_of
from uniqueness.pool import promises
from uniqueness.pool.reserving import promise, redeem, reserve
from uniqueness.pool.sequential import reserve_in_sequence
from uniqueness.slots import WINDOW, Span, excluded_slots, excluded_unminted

_LEAST = 5 * WINDOW


def plan(item: Item, *, count: int, seen: set[bytes]) -> list[Chunk]:
    """Reserve `count` numbers for the item and cut them into chunks, not yet saved.

    Of more than an instalment the first is reserved, and the rest is promised.

    :param seen: last four digits that the job has, if they must differ; grows by the new ones
    :raises RangeExhausted: if the range has fewer left
    :raises TooFewLastFours: if it has fewer left whose last four digits differ
    """
    if item.job.distinct_last_four:
        recipe = item.job.recipe
        span, slots = distinct.choose(item, count=count, recipe=recipe, seen=seen)
        return list(_cut_chosen(item, span, slots))
    if count > instalment() and not item.job.sequential:
        promise(issuer_range=item.issuer_range, count=count, owner=item.job_id)
        return _redeem(item, count=instalment())
    set_aside = reserve_in_sequence if item.job.sequential else reserve
    spans = set_aside(issuer_range=item.issuer_range, count=count, owner=item.job_id)
    return [chunk for span in spans for chunk in _cut(item, span)]


def instalment() -> int:
    """How many numbers of an item are reserved at a time; workers are busy with them for a while.

    Sequential orders are reserved whole: their windows cannot be promised by counting numbers.
    """
    return max(_LEAST, 4 * settings.CARDGEN_CHUNK_CARDS * settings.CARDGEN_WORKERS)


def plan_next(job: Job, *, to_come: int) -> list[Chunk]:
    """Reserve the job's next instalment if half of one is left to mint; chunks are not yet saved.

    The caller holds the lock of the job's row.

    :param to_come: cards that the job has not made yet
    :raises RangeExhausted: if numbers were excluded since they were promised, and too few are left
    :raises ReservationLost: if the job was given up
    """
    promised = promises.of(job.id) if job.requested > instalment() else 0
    if not promised or to_come - promised > instalment() // 2:
        return []
    items = Item.objects.filter(job=job).select_related("issuer_range", "job")
    unplanned = ((item, _unplanned(item)) for item in items.order_by("position"))
    item, rest = next((item, rest) for item, rest in unplanned if rest)
    return _redeem(item, count=min(rest, instalment()))


def _unplanned(item: Item) -> int:
    """Count the cards of the item for which there is no chunk."""
    live = Chunk.objects.filter(item=item).exclude(state=ChunkState.DROPPED)
    cards = Case(When(state__in=MADE, then="produced"), default="wanted")
    return item.count - int(live.aggregate(n=Sum(cards, default=0))["n"])


def _redeem(item: Item, *, count: int) -> list[Chunk]:
    spans = redeem(issuer_range=item.issuer_range, count=count, owner=item.job_id)
    return [chunk for span in spans for chunk in _cut(item, span)]


def _cut(item: Item, span: Span) -> Iterator[Chunk]:
    excluded = excluded_slots(span, sequential=item.job.sequential)
    for piece in span.pieces(size=settings.CARDGEN_CHUNK_CARDS):
        left_out = bisect_left(excluded, piece.end) - bisect_left(excluded, piece.first)
        yield Chunk(
            job_id=item.job_id,
            item=item,
            first_slot=piece.first,
            end_slot=piece.end,
            wanted=len(piece) - left_out,
        )


def _cut_chosen(item: Item, span: Span, slots: list[int]) -> Iterator[Chunk]:
    for piece in span.pieces(size=settings.CARDGEN_CHUNK_CARDS):
        inside = slots[bisect_left(slots, piece.first) : bisect_left(slots, piece.end)]
        if inside:
            yield Chunk(
                job_id=item.job_id,
                item=item,
                first_slot=piece.first,
                end_slot=piece.end,
                slots=inside,
                wanted=len(inside),
            )


def missing_chunks(job: Job) -> list[Chunk]:
    """Plan what the job's items are short of; not yet saved.

    :raises Refusal: if a range has too few numbers left
    """
    return [
        chunk
        for item in job.items.select_related("issuer_range", "job").order_by("issuer_range_id")
        if (missing := _missing(item))
        for chunk in plan_missing(item, count=missing)
    ]


def _missing(item: Item) -> int:
    made = Chunk.objects.filter(item=item, state__in=MADE).aggregate(n=Sum("produced"))["n"]
    return item.count - int(made or 0)


def plan_missing(item: Item, *, count: int) -> list[Chunk]:
    """Reserve numbers beside those the item has, and cut them into chunks, not yet saved.

    :raises RangeExhausted: if the range has fewer left
    :raises TooFewLastFours: if it has fewer left whose last four digits differ
    """
    seen = _last_fours(item) if item.job.distinct_last_four else set()
    return plan(item, count=count, seen=seen)


def _last_fours(item: Item) -> set[bytes]:
    """What the job's numbers end in, those excluded before they were minted left out."""
    seen: set[bytes] = set()
    live = Chunk.objects.filter(job=item.job).exclude(state=ChunkState.DROPPED)
    for chunk in live.select_related("item__issuer_range"):
        # A card that was handed out stays the job's, whatever is excluded after it.
        left_out = excluded_unminted(chunk.span)
        slots = [slot for slot in chunk.slots or [] if slot not in left_out]
        seen |= last_fours_of(chunk.item.issuer_range, slots=slots, recipe=item.job.recipe)
    return seen
