"""The five layers for people: what each is for, whether it does its work, what it has counted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import connection
from redis.exceptions import RedisError

from toolkit import totals
from uniqueness.check import FINDINGS, Layer
from uniqueness.sharding import is_distributed, is_unfinished
from uniqueness.stats import figures

# What refuses a second card, by the layer: they are there, valid, and asked by every insert.
_CONSTRAINTS = {1: "uniqueness_ledger_pkey", 2: "one_card_per_pan", 3: "reservations_are_disjoint"}
_SOUND = """
    SELECT c.conname FROM pg_constraint c JOIN pg_index i ON i.indexrelid = c.conindid
    WHERE c.conrelid IN ('uniqueness_ledger'::regclass, 'uniqueness_reservation'::regclass)
        AND c.convalidated AND i.indisvalid AND i.indisready AND i.indislive
"""
_NAMES = {
    1: ("Composite key", "One card in each place of a range: the primary key of the ledger."),
    2: ("Global index", "One card of each number, over all ranges: a unique index."),
    3: ("Uniqueness pool", "Numbers are set aside before they are made, no two spans alike."),
    4: ("Bloom filters", "Say at once that a number was certainly never handed out. A hint."),
    5: ("Cache", "Remembers numbers that were looked up. A hint."),
}
_ANSWERED = {2: Layer.INDEX, 3: Layer.POOL, 4: Layer.FILTER, 5: Layer.CACHE}
_RESTORE = (
    "The database lacks {name}. Pause the queue, run cardgen validate_uniqueness, and restore the"
    " database from a backup before anything is made."
)
_UNFINISHED = (
    "The ledger is on its way into shards or out of them. If no distribute_ledger is at work, one"
    " was interrupted: give cardgen distribute_ledger again, or with --undo (docs/scaling.md)."
)
_GIVEN_UP = (
    "The ledger is distributed, so no index over the places is left. Layers 2 and 3 keep a number"
    " from being issued twice; a proof finds a place that is taken twice (docs/scaling.md)."
)


class Health(StrEnum):
    """How a layer does; its words are shown beside a sign."""

    SOUND = "sound"
    RESTING = "resting"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerState:
    """A layer; `advice` says what to do, or why nothing need be done."""

    number: int
    name: str
    purpose: str
    health: Health
    advice: str
    figures: list[tuple[str, int]]


def layers() -> list[LayerState]:
    """Look at all five: two queries, two where they were counted lately, and the cache server."""
    counted, answered = figures.database(), _answered()
    sound = _sound()
    return [
        LayerState(
            number=number,
            name=name,
            purpose=purpose,
            health=health,
            advice=advice,
            figures=[*_held(number, counted), *_asked(number, answered)],
        )
        for number, (name, purpose) in _NAMES.items()
        for health, advice in [_health(number, sound=sound, reached=answered is not None)]
    ]


def _health(number: int, *, sound: set[str], reached: bool) -> tuple[Health, str]:
    name = _CONSTRAINTS.get(number)
    if number == 1 and name not in sound:
        if is_unfinished(connection):
            return Health.FAULT, _UNFINISHED
        if is_distributed():
            return Health.RESTING, _GIVEN_UP
    if name is not None and name not in sound:
        return Health.FAULT, _RESTORE.format(name=name)
    if number == 4 and not settings.CARDGEN_BLOOM_FILTERS:
        return Health.RESTING, "Switched off (CARDGEN_BLOOM_FILTERS=0): answers come slower."
    if number in (4, 5) and not reached:
        return Health.RESTING, "The cache server is away: answers stay right and come slower."
    return Health.SOUND, ""


def _held(number: int, counted: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    numbers, windows = counted["cardgen_numbers"], counted["cardgen_bloom_windows"]
    if number in (1, 2):
        yield "cards", numbers["issued"]
    if number == 3:
        yield "set aside", numbers["reserved"]
        yield "left", numbers["left"]
    if number == 4:
        yield "windows sealed", windows["sealed"]
        yield "windows open", windows["unsealed"]


def _asked(number: int, answered: Mapping[str, int] | None) -> Iterator[tuple[str, int]]:
    if answered is not None and number in _ANSWERED:
        yield "look-ups answered", answered.get(_ANSWERED[number], 0)


def _answered() -> dict[str, int] | None:
    """Sum the look-ups of all processes by layer; None: the cache server does not answer."""
    try:
        found = totals.read().get(FINDINGS.name, {})
    except (RedisError, OSError):
        return None
    sums: dict[str, int] = {}
    for (layer, *_), count in found.items():
        sums[layer] = sums.get(layer, 0) + int(count)
    return sums


def _sound() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(_SOUND)
        return {name for (name,) in cursor}
