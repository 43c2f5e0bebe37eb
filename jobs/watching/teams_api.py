"""The caller's teams over HTTP."""

from operator import itemgetter
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs.models import LONGEST_NAME
from toolkit.requests import PlainNumberField, StrictSerializer
from toolkit.views import asked, caller, cut, next_url


class TeamSerializer(serializers.Serializer[Any]):
    """A team; its name is what orders and lists take as `team`."""

    name = serializers.CharField()


class TeamListSerializer(serializers.Serializer[Any]):
    """A page of teams, by name."""

    results = TeamSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class TeamQuery(StrictSerializer):
    """Query of the teams."""

    limit = PlainNumberField(
        min_value=1, max_value=1_000, default=100, help_text="teams in a page, 1 to 1,000"
    )
    after = serializers.CharField(
        max_length=LONGEST_NAME, default="", help_text="from `next` of the page before"
    )


class TeamListView(APIView):
    """Teams."""

    @extend_schema(
        operation_id="teams",
        parameters=[TeamQuery],
        responses=TeamListSerializer,
    )
    def get(self, request: Request) -> Response:
        """List the teams that the caller is in now, by name; jobs are shared with each."""
        query = asked(request, TeamQuery)
        teams = caller(request).teams.filter(name__gt=query["after"]).order_by("name")
        rows = list(teams.values("name")[: query["limit"] + 1])
        page = cut(rows, limit=query["limit"], cursor=itemgetter("name"))
        return Response({"results": page.rows, "next": next_url(request, page.after)})
