"""What the rules look at: counts of the last minutes, without a number, a name or a password."""

import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from toolkit import tally
from toolkit.networks import network_of

_HOUR = timedelta(hours=1)


def count_failed_login(
    *, credentials: Mapping[str, Any], request: HttpRequest | None = None, **_: object
) -> None:
    """Count a failed log-in by the name given, as a keyed hash, and by its network."""
    tally.add(f"login-name {name_token(str(credentials.get('username', '')))}")
    if request is not None:
        tally.add(f"login-network {network_of(request.META.get('REMOTE_ADDR', ''))}")


def name_token(username: str) -> str:
    """Hide what was typed as a user name: it may have been the password."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, username.encode(errors="replace"), hashlib.sha256).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """Counts by name: `recent` of the last ten to twenty minutes, `hour` since the full hour.

    :param now: in UTC
    """

    now: datetime
    recent: Counter[str]
    hour: Counter[str]

    def of(self, kind: str) -> Iterator[tuple[list[str], int]]:
        """Yield what was counted of a kind lately: the parts of its name, and how many."""
        return _of(self.recent, kind)

    def this_hour(self, kind: str) -> Iterator[tuple[list[str], int]]:
        """Yield what was counted of a kind in this hour."""
        return _of(self.hour, kind)

    def networks(self) -> dict[int, set[str]]:
        """List the networks that each key was used from in this hour."""
        found: dict[int, set[str]] = defaultdict(set)
        for (key, network), _ in self.this_hour("network"):
            found[int(key)].add(network)
        return found

    @property
    def begun(self) -> datetime:
        """The full hour."""
        return self.now.replace(minute=0, second=0, microsecond=0)


def read(now: datetime) -> Signs:
    """Read the counts.

    :raises RedisError: if the cache server does not answer
    """
    last = tally.bucket_at(now.timestamp())
    first = tally.bucket_at(now.replace(minute=0, second=0).timestamp())
    buckets = {bucket: tally.read(bucket) for bucket in range(min(first, last - 1), last + 1)}
    return Signs(
        now=now,
        recent=buckets[last] + buckets[last - 1],
        hour=sum((buckets[one] for one in range(first, last + 1)), Counter()),
    )


def utc_now() -> datetime:
    """The clock of this process."""
    return datetime.now(UTC)


def _of(counts: Counter[str], kind: str) -> Iterator[tuple[list[str], int]]:
    for name, count in counts.items():
        what, *parts = name.split(" ")
        if what == kind:
            yield parts, count
