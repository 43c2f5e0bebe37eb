"""How a key is used, beside its own history."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar

from django.db.models import Count, Max

from cardgen.access.models import ApiKey
from cardgen.anomalies.models import KeyHour, KeyNetwork
from cardgen.anomalies.names import RuleName
from cardgen.anomalies.rules.rule import Finding, Rule
from cardgen.anomalies.signs import Signs


class KeyRate(Rule):
    """A key that is used ten times as much as in its busiest hour of 30 days."""

    name = RuleName.KEY_RATE
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


class NewNetwork(Rule):
    """A key of some age comes from a network that it never came from before."""

    name = RuleName.NEW_NETWORK
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
