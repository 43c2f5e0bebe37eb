"""Statistics as the API shows them; the serializers only describe the shapes to OpenAPI."""

from typing import Any

from rest_framework import serializers

from jobs.statistics.periods import Period

_ZONE = "UTC"


class PeriodSerializer(serializers.Serializer[Any]):
    """Whole days in UTC."""

    since = serializers.DateField(help_text="the first day")
    until = serializers.DateField(help_text="the last day, told as well")
    time_zone = serializers.CharField(help_text="of the days: always `UTC`")


class StatisticsSerializer(PeriodSerializer):
    """Cards issued in a period."""

    cards = serializers.IntegerField()
    schemes = serializers.DictField(child=serializers.IntegerField(), help_text="cards by scheme")
    tiers = serializers.DictField(child=serializers.IntegerField(), help_text="cards by tier")


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
    return {"since": period.first, "until": period.last, "time_zone": _ZONE}
