"""The caller's own quotas over HTTP."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs.quotas import counting
from jobs.quotas.headers import orderer
from jobs.quotas.limits import Subject, Unit, limits_of


class LimitSerializer(serializers.Serializer[Any]):
    """One limit."""

    policy = serializers.CharField(help_text="its name in headers, e.g. user-cards-per-day")
    of = serializers.ChoiceField(choices=[(subject.value, subject.value) for subject in Subject])
    unit = serializers.ChoiceField(choices=[(unit.value, unit.value) for unit in Unit])
    limit = serializers.IntegerField()
    used = serializers.IntegerField()
    left = serializers.IntegerField()


class QuotaSerializer(serializers.Serializer[Any]):
    """What the caller took, and the limits there are."""

    cards_today = serializers.IntegerField(help_text="of the user, since midnight UTC")
    active_jobs = serializers.IntegerField(help_text="of the user, not yet ended")
    resets_at = serializers.DateTimeField(help_text="the next UTC day")
    limits = LimitSerializer(many=True)


class QuotaView(APIView):
    """Quotas."""

    @extend_schema(operation_id="quota", responses=QuotaSerializer)
    def get(self, request: Request) -> Response:
        """Show the caller's limits, and those of the API key used, with what is taken of them."""
        by = orderer(request)
        now = counting.usage(by)
        return Response(
            {
                "cards_today": now.used[Subject.USER, Unit.CARDS],
                "active_jobs": now.used[Subject.USER, Unit.JOBS],
                "resets_at": now.resets_at,
                "limits": [_limit_dict(limit) for limit in now.of(limits_of(by))],
            },
            headers={"Cache-Control": "no-store"},
        )


def _limit_dict(limit: counting.Limit) -> dict[str, Any]:
    names = ("policy", "unit", "limit", "used", "left")
    return {name: getattr(limit, name) for name in names} | {"of": limit.subject}
