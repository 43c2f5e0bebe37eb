"""What an audit looks at, and what it finds wrong."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from toolkit.database import sqlstate_of

Value = int | str | UUID | list[int] | None
_DAMAGED = ("XX001", "XX002")  # SQLSTATE: data corrupted, index corrupted
SHOWN = 10
"""Offenders named for each check; the others are only counted."""


class Check(StrEnum):
    """What is looked at, as a sentence that is true if all is right."""

    KEYS = "the master key is the one that every range was registered with"
    PLACES = "every card lies in exactly one finished chunk of a job"
    CHUNKS = "every finished chunk holds the cards that it counted"
    CARDS = "every card equals the one re-minted from its key: number, expiry, CVV"
    LUHN = "every number passes Luhn, except those of negative cards"
    UNIQUE = "rows, slots and numbers are equally many, read through both unique indexes"
    STRUCTURE = "both unique indexes are sound and hold every row (amcheck)"
    SPANS = "no slot is set aside twice"
    CURSORS = "nothing is set aside outside its range or past its cursor"
    COUNTERS = "every span counts the cards it holds; free spans hold none"
    OWNERS = "every card lies, and every chunk to come will lie, in a span set aside for its job"
    ORDER = "cards that count up lie in windows kept for them, and no others do"
    JOBS = "every job counts the cards of its chunks"
    EXCLUDED = "no published or imported number is a card"
    FILTERS = "every Bloom filter that is believed holds all cards of its window"
    CLAIMED = "every number claimed by hand is a card of the job that claimed it"

    @property
    def key(self) -> str:
        """The short name that programs use."""
        return self.name.lower()


class Offenders:
    """Offenders by check: how many, and the names of the first. Never a card number."""

    def __init__(self, *, cards: int = 0) -> None:
        """Begin with nothing wrong, after looking at so many cards."""
        self.cards = cards
        self.counts: Counter[Check] = Counter()
        self.names: dict[Check, list[str]] = {}

    def add(self, check: Check, names: Iterable[str], *, count: int) -> None:
        """Note `count` offenders; the first of them have names."""
        if count:
            self.counts[check] += count
            kept = [*self.names.get(check, []), *names]
            self.names[check] = kept[:SHOWN]

    def merge(self, other: "Offenders") -> None:
        """Take over what another part of the audit found."""
        self.cards += other.cards
        for check, count in other.counts.items():
            self.add(check, other.names[check], count=count)


@contextmanager
def damage_noted(found: Offenders, check: Check) -> Iterator[None]:
    """Note a page that the server cannot read as a finding, and let the transaction go on.

    The server's words name the page and its file, of a distributed ledger the node too, and no row.
    """
    try:
        with transaction.atomic():
            yield
    except DatabaseError as error:
        if sqlstate_of(error) not in _DAMAGED:
            raise
        found.add(check, [f"not read: {' '.join(str(error).split())}"], count=1)


def ask(check: Check, sql: str, parameters: Mapping[str, Value], *, words: str) -> Offenders:
    """Run a query that lists offenders.

    :param sql: its rows begin with the number of all offenders, then come the facts for `words`;
        `%(shown)s` are enough of them
    :param words: the name of an offender, with a place for each fact
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, {**parameters, "shown": SHOWN})
        rows = cursor.fetchall()
    found = Offenders()
    if rows:
        found.add(check, [words.format(*facts) for _, *facts in rows], count=rows[0][0])
    return found
