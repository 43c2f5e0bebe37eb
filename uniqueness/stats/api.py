"""Figures of the layers over HTTP."""

from datetime import UTC, datetime
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from uniqueness.stats import figures


def _counts() -> serializers.DictField:
    return serializers.DictField(child=serializers.IntegerField())


class ProcessSerializer(serializers.Serializer[Any]):
    """Counts since the process that answers began; others have counts of their own."""

    cardgen_check_findings_total = serializers.DictField(
        child=_counts(), help_text="numbers looked up, by the layer that knew and the state"
    )
    cardgen_cache_events_total = serializers.DictField(
        child=serializers.IntegerField(), help_text="layer 5, by event (docs/cache.md)"
    )
    cardgen_bloom_events_total = serializers.DictField(
        child=serializers.IntegerField(), help_text="layer 4, by event (docs/bloom.md)"
    )


class DatabaseSerializer(serializers.Serializer[Any]):
    """Counts of all rows, some seconds old."""

    computed_at = serializers.DateTimeField()
    cardgen_range_numbers = serializers.DictField(
        child=_counts(), help_text="by range: as in GET /issuer-ranges"
    )
    cardgen_numbers = serializers.DictField(
        child=serializers.IntegerField(), help_text="the same, all ranges together"
    )
    cardgen_bloom_windows = serializers.DictField(
        child=serializers.IntegerField(), help_text="windows that hold cards: sealed, unsealed"
    )
    cardgen_exclusions = serializers.DictField(
        child=serializers.IntegerField(), help_text="excluded numbers, by reason"
    )


class StatsSerializer(serializers.Serializer[Any]):
    """What the five layers did and what they hold."""

    process = ProcessSerializer()
    database = DatabaseSerializer()


class StatsView(APIView):
    """Figures of the layers."""

    @extend_schema(operation_id="uniqueness_stats", responses=StatsSerializer)
    def get(self, request: Request) -> Response:
        """Tell what the layers did in this process, and what the database holds."""
        counted = figures.database()
        moment = datetime.fromtimestamp(counted["computed_at"], tz=UTC)
        body = {"process": figures.process(), "database": counted | {"computed_at": moment}}
        return Response(body, headers={"Cache-Control": "no-store"})
