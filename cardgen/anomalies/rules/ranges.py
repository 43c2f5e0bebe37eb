"""What one user takes of a range."""

from collections.abc import Iterator
from typing import ClassVar

from django.db.models import Sum

from cardgen.anomalies.names import RuleName
from cardgen.anomalies.rules.rule import Finding, Rule
from cardgen.anomalies.signs import Signs
from generation.models import IssuerRange
from jobs.models import Item, Status
from uniqueness.pool.capacity import left_in


class RangeShare(Rule):
    """One user took a large part of what a range had, within a UTC day."""

    name = RuleName.RANGE_SHARE
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
