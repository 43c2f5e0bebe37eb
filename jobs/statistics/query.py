"""Which figures: the queries of statistics. Days are in UTC."""

import re
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from generation import ranges
from generation.models import Tier
from generation.schemes import code_of
from jobs.models import LONGEST_NAME
from jobs.statistics.figures import Dimension
from jobs.statistics.periods import EVER, MOST_DAYS, Period
from toolkit.near import meant_by
from toolkit.requests import ChoiceField, PlainNumberField, StrictSerializer

USUAL_DAYS = 30
_FIRST = date(2020, 1, 1)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@extend_schema_field({"type": "string", "format": "date", "example": "2026-11-29"})
class DayField(serializers.Field[Any, Any, Any, Any]):
    """A day such as `2026-11-29`."""

    def to_internal_value(self, data: Any) -> date:
        """Return the day."""
        try:
            day = date.fromisoformat(data) if _DAY.fullmatch(data) else None
        except ValueError:
            day = None
        if day is None or day < _FIRST:
            raise serializers.ValidationError(
                f"Write a day as year-month-day, such as 2026-11-29, not before {_FIRST}."
            )
        return day

    def to_representation(self, value: Any) -> Any:
        """Days are only read."""
        return value


@extend_schema_field(
    {
        "type": "string",
        "pattern": "^{0}(,{0})*$".format("(" + "|".join(Dimension) + ")"),
        "example": "day,scheme",
    }
)
class DimensionsField(serializers.Field[Any, Any, Any, Any]):
    """Names of dimensions, separated by commas."""

    def to_internal_value(self, data: Any) -> list[Dimension]:
        """Return the dimensions in the order asked."""
        names = str(data).split(",")
        if unknown := [name for name in names if name not in set(Dimension)]:
            raise serializers.ValidationError(
                f"Choose from {', '.join(Dimension)}.{meant_by(unknown, Dimension)}"
            )
        if len(set(names)) != len(names):
            raise serializers.ValidationError("Name each once.")
        return [Dimension(name) for name in names]

    def to_representation(self, value: Any) -> Any:
        """Dimensions are only read."""
        return value


class LatestQuery(StrictSerializer):
    """Whose cards, of whichever day."""

    scheme = serializers.CharField(required=False, max_length=64, help_text="only cards of it")
    range = serializers.CharField(
        required=False, max_length=16, help_text="only cards of it, such as 400000-16"
    )
    tier = ChoiceField(choices=Tier.choices, required=False, help_text="only cards of it")
    owner = serializers.CharField(
        required=False, max_length=150, help_text="name of the user who ordered the cards"
    )
    team = serializers.CharField(
        required=False, max_length=LONGEST_NAME, help_text="only cards of its jobs"
    )

    def validate_scheme(self, value: str) -> str:
        """Take the scheme in any case."""
        return code_of(value)

    def validate_range(self, value: str) -> str:
        """Refuse a range that is not there: a zero would hide a misspelt name."""
        if value not in [found.name for found in ranges.registered(value)]:
            raise serializers.ValidationError(
                f"No range of that name is registered.{ranges.meant_by(value)}"
                " GET /api/v1/issuer-ranges lists them."
            )
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Take all days."""
        return attrs | {"period": EVER}


class StatisticsQuery(LatestQuery):
    """Which days and whose cards."""

    since = DayField(
        required=False, help_text=f"first day, in UTC; {USUAL_DAYS} days are told if it is absent"
    )
    until = DayField(
        required=False,
        help_text=f"last day, in UTC; today if it is absent. {MOST_DAYS} days at most",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Put both ends together."""
        today = timezone.now().date()
        until = attrs.pop("until", today)
        since = attrs.pop("since", until - timedelta(days=USUAL_DAYS - 1))
        if until > today:
            raise serializers.ValidationError({"until": f"Today is {today}, in UTC: end there."})
        if since > until:
            raise serializers.ValidationError({"since": f"It begins after its end, {until}."})
        period = Period(first=since, last=until)
        if len(period) > MOST_DAYS:
            raise serializers.ValidationError(
                {"since": f"These are {len(period)} days. Ask for {MOST_DAYS} at most at a time."}
            )
        return attrs | {"period": period}


class DaysQuery(StatisticsQuery):
    """Which days and whose cards, a page at a time."""

    limit = PlainNumberField(
        min_value=1, max_value=MOST_DAYS, default=100, help_text=f"days in a page, 1 to {MOST_DAYS}"
    )
    after = DayField(required=False, help_text="from `next` of the page before")


class GroupsQuery(StatisticsQuery):
    """Which days, whose cards, and what they are told apart by."""

    by = DimensionsField(
        default=lambda: [Dimension.SCHEME],
        help_text=f"one or more of {', '.join(Dimension)}, with commas between",
    )
    limit = PlainNumberField(
        min_value=1, max_value=1_000, default=100, help_text="lines in a page, 1 to 1,000"
    )
    after = serializers.CharField(
        max_length=300, default="", help_text="from `next` of the page before"
    )
