"""What a peer says of every number, and where that is not what we say.

A difference is a pair of answers; with it goes where it is: the PAN lengths, the first and the last
8-digit prefix, and how many (prefix, length) pairs there are. So no number can join or leave it
unseen.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from generation.schemes import detection, registry
from generation.schemes.model import PREFIX_DIGITS, Luhn
from generation.schemes.registry import lengths

PEERS = ("card_validator", "pydantic_extra_types")
LENGTHS = range(12, 20)
NOTHING = "none"
NO_LUHN = " without Luhn"
_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerRange:
    """Prefixes of a peer's table, as numbers of eight digits. The longest prefix decides."""

    scheme: str
    lowest: int
    highest: int
    digits: int
    pan_lengths: tuple[int, ...]
    luhn: bool
    gaps: tuple[int, ...]


class Pair(NamedTuple):
    """Two answers to the same numbers: `maestro`, `unionpay without Luhn`, or none."""

    peer: str
    theirs: str
    ours: str


class Place(NamedTuple):
    """Where two answers differ. `prefixes` counts a prefix once for each PAN length."""

    pan_lengths: tuple[int, ...]
    first: str
    last: str
    prefixes: int


def rows(name: str) -> list[dict[str, str]]:
    """Every row of a table of facts."""
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def table(peer: str) -> tuple[PeerRange, ...]:
    """A peer's ranges, in its own order."""
    return tuple(_range(row) for row in rows(peer))


def edges(peer: str) -> list[int]:
    """Prefixes where an answer may change, ours or the peer's; between two, none does."""
    own = {edge for span in registry.ranges() for edge in (span.lowest, span.highest + 1)}
    other = {edge for span in table(peer) for edge in (span.lowest, span.highest + 1)}
    return sorted({0, *own, *other, 10**PREFIX_DIGITS})


def theirs(peer: str, *, prefix: int, length: int) -> str:
    """What the peer's table says of numbers with a prefix."""
    holding = [span for span in table(peer) if span.lowest <= prefix <= span.highest]
    best = max(holding, key=lambda span: span.digits, default=None)
    if best is None or length not in best.pan_lengths:
        return NOTHING
    return best.scheme if best.luhn else best.scheme + NO_LUHN


def ours(*, prefix: int, length: int) -> str:
    """The same from our catalogue."""
    span = detection.range_of(number(prefix, length=length))
    if span is None or length not in span.pan_lengths:
        return NOTHING
    return span.scheme if span.luhn is Luhn.REQUIRED else span.scheme + NO_LUHN


def number(prefix: int, *, length: int) -> str:
    """A number with that prefix of eight digits."""
    return f"{prefix:0{PREFIX_DIGITS}}".ljust(length, "0")


def differences(peer: str) -> dict[Pair, Place]:
    """Every difference from a peer. Schemes that it does not know are none where it is silent."""
    known = {NOTHING} | {span.scheme for span in table(peer)}
    found: defaultdict[Pair, list[tuple[int, int, int]]] = defaultdict(list)
    for first, end, length in _stretches(peer):
        pair = Pair(
            peer,
            theirs(peer, prefix=first, length=length),
            ours(prefix=first, length=length),
        )
        if pair.theirs != pair.ours and (
            pair.theirs != NOTHING or pair.ours.removesuffix(NO_LUHN) in known
        ):
            found[pair].append((first, end, length))
    return {pair: _place(stretches) for pair, stretches in found.items()}


def _stretches(peer: str) -> Iterator[tuple[int, int, int]]:
    for first, end in pairwise(edges(peer)):
        yield from ((first, end, length) for length in LENGTHS)


def _place(stretches: list[tuple[int, int, int]]) -> Place:
    firsts, ends, found = zip(*stretches, strict=True)
    return Place(
        pan_lengths=tuple(sorted(set(found))),
        first=f"{min(firsts):0{PREFIX_DIGITS}}",
        last=f"{max(ends) - 1:0{PREFIX_DIGITS}}",
        prefixes=sum(ends) - sum(firsts),
    )


def _range(row: dict[str, str]) -> PeerRange:
    return PeerRange(
        scheme=row["scheme"],
        lowest=int(row["first"].ljust(PREFIX_DIGITS, "0")),
        highest=int(row["last"].ljust(PREFIX_DIGITS, "9")),
        digits=len(row["first"]),
        pan_lengths=lengths(row["pan_lengths"]),
        luhn=row["luhn"] == "yes",
        gaps=tuple(map(int, filter(None, row["gaps"].split(";")))),
    )
