"""Where the chunks of a text file stand, so that a part of it costs its own chunks and no others.

A line of fixed width makes this arithmetic. Of other files the chunks are rendered once, which
gives the SHA-256 on the way, and the cache keeps what came out. The cache is a hint: a part whose
chunks turn out to have other sizes is cut off and never sent as if it were right.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import accumulate, groupby, islice
from operator import itemgetter

from generation import recipes
from jobs.results import cards
from jobs.results.cards import ResultChanged
from jobs.results.files import ResultFile
from toolkit.streams import give_back
from toolkit.valkey.connections import client
from uniqueness.cache import SharedValues

MOST_MEASURED = 10_000_000
"""Cards of the largest job whose file is rendered just to find a part of it."""
PLACES = 16
"""Indexes that the cache server keeps of one owner: the latest takes the place of another."""
_KEPT_SECONDS = 900.0
_PATIENCE = 30.0
_FIXED = frozenset(
    {
        *("pan", "pan_grouped", "pan_masked", "last_four", "scheme", "iin"),
        *("tier", "expiry_year", "expiry", "expiry_yymm", "cvv", "service_code"),
        *("psn", "track1_data", "track2", "track2_data", "track2_equivalent"),
        *("pin", "pin_block", "pin_block_clear"),
        *("issuer_cvv", "issuer_cvv2", "issuer_cvv2_mmyy", "issuer_icvv", "pvv"),
    }
)
"""Fields as wide on every card of a range. Track 1 is not: its LRC may need quotes."""
_SET_BY_ORDER = ("cardholder_name", "address", "postcode")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileIndex:
    """Bytes of each piece: the head, every chunk, the tail; and the cursor behind each chunk."""

    sizes: list[int]
    cursors: list[str]
    sha256: str = ""

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return sum(self.sizes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """That parts of a file are offered; `fixed` if all its lines are as wide."""

    file: ResultFile
    fixed: bool

    def index(self) -> FileIndex:
        """Return where its chunks stand, in the cheapest way."""
        return counted(self.file) if self.fixed else measured(self.file)


def parts_of(file: ResultFile) -> Parts | None:
    """Decide whether parts of the file are offered."""
    if not (file.is_whole and file.form.repeatable):
        return None
    fixed = _has_fixed_width(file)
    return Parts(file=file, fixed=fixed) if fixed or file.job.produced <= MOST_MEASURED else None


def counted(file: ResultFile) -> FileIndex:
    """Work the index out from the numbers of cards, where all lines are as wide."""
    # Slots chosen by hand are read a chunk at a time, so a sample may be many cards.
    sample = list(islice(cards.blocks(file.job, slots=1), 1))
    head, *lines, tail = (len(piece) for _, piece in file.form.render(sample, file.layout))
    width = sum(lines) // max(1, sum(map(len, sample)))
    produced, cursors = cards.chunk_ends(file.job)
    sizes = [width * count for count in produced]
    return FileIndex(sizes=[head, *sizes, tail], cursors=cursors)


def measured(file: ResultFile) -> FileIndex:
    """Return the index with the SHA-256, from the cache or by rendering the text file once.

    One process renders, others wait for it. The values are kept in the cache server alone: there
    are as many as ways to order fields, too many for a process to remember. Places are counted, so
    that nobody fills the server.
    """
    give_back()  # a caller that waits for another one must not hold a connection
    shared = SharedValues(connect=client, lock_seconds=_PATIENCE, place=_place(file))
    key = f"result:{file.fingerprint}"
    return FileIndex(
        **shared.cached(key, seconds=_KEPT_SECONDS, compute=lambda: asdict(_rendered(file)))
    )


def _place(file: ResultFile) -> str:
    return f"result:{file.job.owner_id}:{int(file.fingerprint, 16) % PLACES}"


def part(file: ResultFile, index: FileIndex, *, first: int, last: int) -> Iterator[bytes]:
    """Yield the bytes `first` to `last` (included).

    The last piece comes only when the chunk it lies in has been read to its end.

    :raises ResultChanged: if a chunk has not the size it should have
    """
    ends = list(accumulate(index.sizes))
    number = bisect_right(ends, first)
    at = ends[number] - index.sizes[number]
    for end, (_, pieces) in zip(ends[number:], _grouped(file, index, number), strict=False):
        held = b""
        for _, piece in pieces:
            cut = piece[max(0, first - at) : max(0, last + 1 - at)]
            at += len(piece)
            if at > last:
                held += cut
            else:
                yield cut
        if at != end:
            raise ResultChanged
        if at > last:
            yield held
            return
    raise ResultChanged


def _grouped(
    file: ResultFile, index: FileIndex, number: int
) -> Iterator[tuple[int, Iterator[tuple[int, bytes]]]]:
    """Render from an entry of the index on; give the pieces of each."""
    pieces = file.marked(after=index.cursors[number - 2] if number > 1 else "")
    if number > 0:
        next(pieces)  # the head
    return groupby(pieces, key=itemgetter(0))


def _rendered(file: ResultFile) -> FileIndex:
    digest, sizes = hashlib.sha256(), list[int]()
    for _, pieces in groupby(file.marked(), key=itemgetter(0)):
        sizes.append(0)
        for _, piece in pieces:
            give_back()
            digest.update(piece)
            sizes[-1] += len(piece)
    _, cursors = cards.chunk_ends(file.job)
    return FileIndex(sizes=sizes, cursors=cursors, sha256=digest.hexdigest())


def _has_fixed_width(file: ResultFile) -> bool:
    """Tell whether all CSV lines are as long: one range, and fields that never differ in width."""
    job = file.job
    items = job.items.select_related("issuer_range")[:2]
    if file.form.ending != "csv" or len(items) != 1:
        return False
    shape = recipes.shape(issuer_range=items[0].issuer_range, recipe=job.recipe)
    fixed = _FIXED | {name for name in _SET_BY_ORDER if getattr(job, name)}
    return not shape.padded and fixed.issuperset(file.layout.fields)
