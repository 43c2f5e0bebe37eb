"""Random and check: draw a number, ask five layers whether it is new, draw again if it is not.

Made as well as it can be: no web server and no job, the layers that cost least come first, an
order is one transaction, and pool and cards are one statement each for all of its numbers.
"""

import random
from collections.abc import Sequence

from django.db import connection, transaction
from redis import Redis
from stdnum.luhn import calc_check_digit

from bench.peers.bloom_filter import BloomFilter

_TRIES = 1_000_000
_TABLES = """
    CREATE TABLE IF NOT EXISTS bench_pool (pan varchar(19) COLLATE "C" PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS bench_cards (id bigserial PRIMARY KEY,
        pan varchar(19) COLLATE "C" UNIQUE, expiry date, cvv varchar(4));
    TRUNCATE bench_pool, bench_cards;
"""
_POOL = """
    INSERT INTO bench_pool SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING RETURNING pan
"""
_CARDS = """
    INSERT INTO bench_cards (pan, expiry, cvv)
    SELECT pan, date '2031-01-31', lpad(floor(random() * 1000)::text, 3, '0')
    FROM unnest(%s::text[]) pan ON CONFLICT DO NOTHING RETURNING pan
"""


class FiveLayers:
    """One of two processes that issue numbers of a range: memory knows what this one issued."""

    def __init__(self, *, iin: str, pan_length: int, cache: Redis) -> None:
        """Begin with an empty range."""
        self._iin = iin
        self._digits = pan_length - len(iin) - 1
        self._cache = cache
        self._memory: set[str] = set()
        self._filter = BloomFilter(self.capacity)
        self._random = random.Random(7)  # the same draws in every run
        with connection.cursor() as cursor:
            cursor.execute(_TABLES)

    @property
    def capacity(self) -> int:
        """How many numbers the range has."""
        return int(10**self._digits)

    def knows(self, number: str) -> bool:
        """Tell whether this process issued the number itself."""
        return number in self._memory

    def fill(self, numbers: Sequence[str]) -> None:
        """Let numbers have been issued already, half of them by this process."""
        self._memory.update(numbers[::2])
        self._remember(numbers)
        with connection.cursor() as cursor:
            cursor.execute(_POOL, [list(numbers)])
            cursor.execute(_CARDS, [list(numbers)])

    @transaction.atomic
    def issue(self, count: int) -> list[str]:
        """Issue numbers that nobody had before."""
        issued: list[str] = []
        for _ in range(_TRIES):
            if len(issued) == count:
                break
            issued += self._kept([self._new() for _ in range(count - len(issued))])
        self._memory.update(issued)
        self._remember(issued)
        return issued

    def _new(self) -> str:
        """Draw until memory, cache and filter know nothing of the number."""
        for _ in range(_TRIES):
            number = self._drawn()
            if number in self._memory or self._cache.exists(_key(number)):
                continue
            if number not in self._filter:
                return number
        raise SystemExit(f"no new number among {_TRIES:,}")

    def _drawn(self) -> str:
        return self.number(self._random.randrange(self.capacity))

    def number(self, place: int) -> str:
        """Return a number of the range, by its digits between IIN and check digit."""
        body = f"{self._iin}{place:0{self._digits}}"
        return f"{body}{calc_check_digit(body)}"

    def _kept(self, numbers: list[str]) -> list[str]:
        """Keep those that both unique indexes take."""
        with connection.cursor() as cursor:
            for statement in (_POOL, _CARDS):
                cursor.execute(statement, [numbers])
                numbers = [pan for (pan,) in cursor.fetchall()]
        return numbers

    def _remember(self, numbers: Sequence[str]) -> None:
        self._filter.add(numbers)
        if numbers:
            self._cache.mset(dict.fromkeys(map(_key, numbers), 1))


def _key(number: str) -> str:
    return f"bench:{number}"
