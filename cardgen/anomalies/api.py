"""Anomalies over HTTP, for operators."""

from operator import attrgetter
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cardgen.anomalies.looking import anomaly_dict
from cardgen.anomalies.models import Anomaly
from cardgen.anomalies.names import RuleName
from toolkit.requests import ChoiceField, PlainNumberField, StrictSerializer
from toolkit.views import asked, cut, next_url

RULE_NAMES = [name.value for name in RuleName]


class AnomalySerializer(serializers.Serializer[Any]):
    """Something unlike normal use."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    rule = serializers.ChoiceField(choices=RULE_NAMES)
    subject = serializers.CharField(help_text="e.g. key 12")
    detail = serializers.CharField()
    facts = serializers.DictField(help_text="counts, prefixes, networks; never a number")
    api_key = serializers.IntegerField(allow_null=True, help_text="id of the key")
    user = serializers.IntegerField(allow_null=True, help_text="id of the user")
    suspended = serializers.BooleanField(help_text="the key was suspended for it")
    throttled = serializers.BooleanField(help_text="the key was slowed down for it")


class AnomalyListSerializer(serializers.Serializer[Any]):
    """A page of anomalies, newest first."""

    results = AnomalySerializer(many=True)
    next = serializers.URLField(allow_null=True)


class AnomalyQuery(StrictSerializer):
    """Query of the anomalies."""

    rule = ChoiceField(choices=RULE_NAMES, default=None, help_text="only those of this rule")
    limit = PlainNumberField(
        min_value=1, max_value=1_000, default=100, help_text="anomalies in a page, 1 to 1,000"
    )
    after = PlainNumberField(
        min_value=0, max_value=2**62, default=2**62, help_text="from `next` of the page before"
    )


class AnomalyListView(APIView):
    """Anomalies."""

    @extend_schema(
        operation_id="anomalies",
        parameters=[AnomalyQuery],
        responses=AnomalyListSerializer,
    )
    def get(self, request: Request) -> Response:
        """List what was unlike normal use, newest first."""
        query = asked(request, AnomalyQuery)
        found = Anomaly.objects.filter(id__lt=query["after"])
        found = found.filter(rule=query["rule"]) if query["rule"] else found
        rows = list(found[: query["limit"] + 1])
        page = cut(rows, limit=query["limit"], cursor=attrgetter("pk"))
        results = [anomaly_dict(row) for row in page.rows]
        return Response({"results": results, "next": next_url(request, page.after)})
