"""Counts that all processes add up: gathered here, sent to the cache server once a second.

A count is a name and a number, such as `misses k12 400000`: 70. What they are about stands in
the name, and never a card number. When the cache server is away, counts are lost.
"""

import logging
import time
from collections import Counter
from typing import Any, cast

from redis.exceptions import RedisError

from toolkit.gathering import Gatherer
from toolkit.valkey.connections import client

logger = logging.getLogger(__name__)
BUCKET_SECONDS = 600
_KEPT_SECONDS = 3 * 3_600
_MOST_NAMES = 100_000  # in a bucket: callers choose parts of names
_SAMPLE = 10
_FEW = 1_000


def add(name: str, count: int = 1) -> None:
    """Count; it costs the caller a microsecond, and never fails."""
    _gatherer.add("", (name, count))


def who(request: Any) -> str:
    """Name who sends a request in counts: the key, or the user of a session."""
    key = getattr(getattr(request, "auth", None), "pk", None)
    return f"u{request.user.pk}" if key is None else f"k{key}"


def add_prefixes(kind: str, caller: str, numbers: list[str]) -> None:
    """Count numbers by their first six digits; of many, each tenth stands for ten."""
    step = 1 if len(numbers) <= _FEW else _SAMPLE
    for prefix, count in Counter(number[:6] for number in numbers[::step]).items():
        add(f"{kind} {caller} {prefix}", count * step)


def read(bucket: int) -> Counter[str]:
    """Read what was counted in ten minutes.

    :raises RedisError: if the cache server does not answer
    """
    found = cast("dict[bytes, bytes]", client().hgetall(_key(bucket)))
    return Counter({name.decode(): int(count) for name, count in found.items()})


def bucket_at(moment: float) -> int:
    """Say in which ten minutes a moment (seconds since 1970) lies."""
    return int(moment) // BUCKET_SECONDS


def flush() -> None:
    """Send what was gathered at once, as tests do."""
    _gatherer.flush()


def _send(_: str, gathered: list[tuple[str, int]]) -> None:
    counts: Counter[str] = Counter()
    for name, count in gathered:
        counts[name] += count
    key = _key(bucket_at(time.time()))
    try:
        server = client()
        if server.hlen(key) > _MOST_NAMES:
            return
        pipeline = server.pipeline(transaction=False)
        for name, count in counts.most_common(_FEW):
            pipeline.hincrby(key, name, count)
        pipeline.expire(key, _KEPT_SECONDS)
        pipeline.execute()
    except (RedisError, OSError) as error:
        logger.debug("counts are lost: %s", type(error).__name__)


def _key(bucket: int) -> str:
    return f"cardgen:tally:{bucket}"


_gatherer: Gatherer[str, tuple[str, int]] = Gatherer(_send, seconds=1.0)
