"""Statistics as the API shows them; the serializers only describe the shapes to OpenAPI."""

from collections import Counter
from datetime import date
from typing import Any

from rest_framework import serializers

from jobs.statistics.periods import Period

_ZONE = {"time_zone": "UTC"}


class ZoneSerializer(serializers.Serializer[Any]):
    """Days begin at midnight there."""

    time_zone = serializers.CharField(help_text="of the days: always `UTC`")


class PeriodSerializer(ZoneSerializer):
    """Whole days in UTC."""

    since = serializers.DateField(help_text="the first day")
    until = serializers.DateField(help_text="the last day, told as well")


class TotalsSerializer(serializers.Serializer[Any]):
    """Cards in all and by what they are."""

    cards = serializers.IntegerField()
    schemes = serializers.DictField(child=serializers.IntegerField(), help_text="cards by scheme")
    tiers = serializers.DictField(child=serializers.IntegerField(), help_text="cards by tier")


class StatisticsSerializer(TotalsSerializer, PeriodSerializer):
    """Cards issued in a period."""


class LatestSerializer(TotalsSerializer, ZoneSerializer):
    """Cards issued on the last day that has any."""

    day = serializers.DateField(
        allow_null=True, help_text="the last day with cards; null: you may see none"
    )


class DaySerializer(serializers.Serializer[Any]):
    """Cards issued on a day."""

    day = serializers.DateField()
    cards = serializers.IntegerField()


class DayListSerializer(PeriodSerializer):
    """A page of days."""

    results = DaySerializer(many=True)
    next = serializers.URLField(allow_null=True)


class GroupSerializer(serializers.Serializer[Any]):
    """Cards of one value of each dimension that was asked for."""

    day = serializers.DateField(required=False)
    scheme = serializers.CharField(required=False)
    range = serializers.CharField(required=False)
    tier = serializers.CharField(required=False)
    owner = serializers.CharField(required=False, help_text="name of the user")
    team = serializers.CharField(required=False, allow_null=True, help_text="null: of no team")
    cards = serializers.IntegerField()


class GroupListSerializer(PeriodSerializer):
    """A page of figures, sorted by the dimensions in the order asked."""

    results = GroupSerializer(many=True)
    next = serializers.URLField(allow_null=True)


def period_dict(period: Period) -> dict[str, Any]:
    """The fields of `PeriodSerializer`."""
    return {"since": period.first, "until": period.last} | _ZONE


def day_dict(day: date | None) -> dict[str, Any]:
    """The fields of `LatestSerializer` but the totals."""
    return {"day": day} | _ZONE


def totals_dict(found: list[tuple[list[str], int]]) -> dict[str, Any]:
    """The fields of `TotalsSerializer`.

    :param found: cards by scheme and tier
    """
    schemes, tiers = Counter[str](), Counter[str]()
    for (scheme, tier), cards in found:
        schemes[scheme] += cards
        tiers[tier] += cards
    by = {"schemes": schemes, "tiers": tiers}
    return {"cards": schemes.total()} | {name: dict(sorted(by[name].items())) for name in by}
