"""The rules: what is unlike normal use. Each looks at the same signs and yields what it found."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar

from django.contrib.auth.models import User
from django.db.models import Count, Max, Sum

from cardgen.access.models import ApiKey
from cardgen.anomalies.models import KeyHour, KeyNetwork
from cardgen.anomalies.signs import Signs, name_token
from generation.models import IssuerRange
from jobs.models import Item, Status
from uniqueness.pool.capacity import left_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Who did what; `facts` hold counts, prefixes of six digits and names of ranges only."""

    subject: str
    detail: str
    facts: dict[str, object] = field(default_factory=dict)
    key_id: int | None = None
    user_id: int | None = None


class Rule:
    """One kind of use that is not normal; `name` stands in settings, events and the docs."""

    name: ClassVar[str]

    def look(self, signs: Signs) -> Iterator[Finding]:
        """Yield what is not normal now."""
        raise NotImplementedError


class KeyRate(Rule):
    """A key that is used ten times as much as in its busiest hour of 30 days."""

    name = "key_rate"
    factor: ClassVar[int] = 10
    least: ClassVar[int] = 5_000
    """Requests in an hour that are never too many."""
    history: ClassVar[int] = 24
    """Hours with the key that are needed to know what is normal for it."""

    def look(self, signs: Signs) -> Iterator[Finding]:
        """Compare this hour with those before."""
        now = {int(key): count for (key,), count in signs.this_hour("request")}
        busy = [key for key, count in now.items() if count > self.least]
        before = KeyHour.objects.filter(api_key__in=busy, hour__lt=signs.begun)
        known = before.values_list("api_key_id").annotate(hours=Count("id"), most=Max("requests"))
        for key, hours, most in known.filter(hours__gte=self.history):
            if now[key] > self.factor * most:
                yield Finding(
                    subject=f"key {key}",
                    detail=f"{now[key]:,} requests in this hour; at most {most:,} in"
                    f" the {hours} hours before in which the key was used.",
                    facts={"requests": now[key], "most_before": most, "hours": hours},
                    key_id=key,
                )


class Enumeration(Rule):
    """Somebody asks for numbers of one prefix, and nearly none of them was handed out."""

    name = "enumeration"
    least: ClassVar[int] = 10_000
    share: ClassVar[float] = 0.95

    def look(self, signs: Signs) -> Iterator[Finding]:
        """Compare misses with all that was asked, for each caller and prefix."""
        asked = Counter({(who, prefix): count for (who, prefix), count in signs.of("asked")})
        for (who, prefix), missed in signs.of("missed"):
            of_all = max(asked[who, prefix], missed)
            if missed >= self.least and missed >= self.share * of_all:
                yield _by(
                    who,
                    detail=f"{missed:,} of {of_all:,} numbers that begin with {prefix} and were"
                    " asked for in ten to twenty minutes are nobody's cards.",
                    facts={"prefix": prefix, "missed": missed, "asked": of_all},
                )


class FilterHarvest(Rule):
    """Somebody fetches filters of windows by the hundred, or asks for ones that are not there."""

    name = "filter_harvest"
    most: ClassVar[int] = 500
    most_missed: ClassVar[int] = 50

    def look(self, signs: Signs) -> Iterator[Finding]:
        """Count exports and misses of each caller."""
        missed = Counter({who: count for (who,), count in signs.of("filter-missed")})
        fetched = Counter({who: count for (who,), count in signs.of("filter")})
        for who in fetched.keys() | missed.keys():
            if fetched[who] > self.most or missed[who] > self.most_missed:
                yield _by(
                    who,
                    detail=f"{fetched[who]:,} filters fetched and {missed[who]:,} asked for that"
                    " are not there, in ten to twenty minutes.",
                    facts={"fetched": fetched[who], "missed": missed[who]},
                )


class RefusedRanges(Rule):
    """Somebody tries ranges that are switched off, unknown or not for them, again and again."""

    name = "refused_ranges"
    most: ClassVar[int] = 30

    def look(self, signs: Signs) -> Iterator[Finding]:
        """Count refusals of each caller."""
        for (who,), count in signs.of("refused"):
            if count > self.most:
                yield _by(
                    who,
                    detail=f"{count:,} orders in ten to twenty minutes named ranges that are"
                    " switched off, unknown or not for this caller.",
                    facts={"refused": count},
                )


class NewNetwork(Rule):
    """A key of some age comes from a network that it never came from before."""

    name = "new_network"
    age: ClassVar[timedelta] = timedelta(days=7)

    def look(self, signs: Signs) -> Iterator[Finding]:
        """Remember the networks of this hour, and tell those that are new to an old key."""
        seen = signs.networks()
        there = set(ApiKey.objects.filter(pk__in=seen).values_list("pk", flat=True))
        known: dict[int, list[KeyNetwork]] = defaultdict(list)
        for row in KeyNetwork.objects.filter(api_key__in=seen):
            known[row.api_key_id].append(row)
        for key in sorted(there):
            before = known[key]
            new = seen[key] - {row.network for row in before}
            KeyNetwork.objects.bulk_create(
                [KeyNetwork(api_key_id=key, network=network) for network in sorted(new)],
                ignore_conflicts=True,
            )
            if new and any(signs.now - row.first_seen >= self.age for row in before):
                yield Finding(
                    subject=f"key {key}",
                    detail=f"First use from {', '.join(sorted(new)[:5])}; known before:"
                    f" {len(before)}.",
                    facts={"networks": sorted(new)[:20], "known": len(before)},
                    key_id=key,
                )


class FailedLogins(Rule):
    """Many passwords are tried for one user, or from one network."""

    name = "failed_logins"
    of_name: ClassVar[int] = 20
    of_network: ClassVar[int] = 50

    def look(self, signs: Signs) -> Iterator[Finding]:
        """Count failures by name and by network."""
        tried = {token: count for (token,), count in signs.of("login-name")}
        guessed = {token: count for token, count in tried.items() if count > self.of_name}
        users = User.objects.all() if guessed else User.objects.none()
        for user in users.iterator():
            if count := guessed.pop(name_token(user.get_username()), 0):
                yield Finding(
                    subject=f"user {user.get_username()}",
                    detail=f"{count:,} failed log-ins as this user in ten to twenty minutes.",
                    facts={"failed": count},
                    user_id=user.pk,
                )
        for (network,), count in signs.of("login-network"):
            if count > self.of_network:
                yield Finding(
                    subject=f"network {network}",
                    detail=f"{count:,} failed log-ins from here in ten to twenty minutes.",
                    facts={"failed": count, "network": network},
                )


class RangeShare(Rule):
    """One user took a large part of what a range had, within a UTC day."""

    name = "range_share"
    percent: ClassVar[int] = 20
    least: ClassVar[int] = 1_000

    def look(self, signs: Signs) -> Iterator[Finding]:
        """Compare what each user's jobs of today asked for with what their ranges have left."""
        day = signs.begun.replace(hour=0)
        of_today = Item.objects.filter(job__created_at__gte=day)
        kept = of_today.exclude(job__status__in=[Status.FAILED, Status.CANCELLED])
        taken = kept.values_list("job__owner__username", "job__owner_id", "issuer_range_id")
        rows = list(taken.annotate(n=Sum("count")).filter(n__gt=self.least))
        ranges = IssuerRange.objects.in_bulk({range_id for *_, range_id, _ in rows})
        left = left_in(ranges.values())
        for username, owner, range_id, count in rows:
            had = left[range_id] + count
            if count * 100 > self.percent * had:
                name = ranges[range_id].name
                yield Finding(
                    subject=f"user {username}, range {name}",
                    detail=f"Jobs of today ask for {count:,} numbers of range {name}, which has"
                    f" {left[range_id]:,} left.",
                    facts={"range": name, "taken": count, "left": left[range_id]},
                    user_id=owner,
                )


RULES: tuple[Rule, ...] = (
    KeyRate(),
    Enumeration(),
    FilterHarvest(),
    RefusedRanges(),
    NewNetwork(),
    FailedLogins(),
    RangeShare(),
)


def _by(who: str, *, detail: str, facts: dict[str, object]) -> Finding:
    """Say it of a key or of a user's session."""
    number = int(who[1:])
    if who.startswith("k"):
        return Finding(subject=f"key {number}", detail=detail, facts=facts, key_id=number)
    return Finding(subject=f"user {number}", detail=detail, facts=facts, user_id=number)
