"""The caller's teams over HTTP."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs.models import LONGEST_NAME
from toolkit.requests import StrictSerializer
from toolkit.views import caller, checked, next_url

_PAGE = 100


class TeamSerializer(serializers.Serializer[Any]):
    """A team; its name is what orders and lists take as `team`."""

    name = serializers.CharField()


class TeamListSerializer(serializers.Serializer[Any]):
    """A page of teams, by name."""

    results = TeamSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class TeamQuery(StrictSerializer):
    """Query of the teams."""

    after = serializers.CharField(max_length=LONGEST_NAME, default="")


class TeamListView(APIView):
    """Teams."""

    @extend_schema(
        operation_id="teams",
        parameters=[OpenApiParameter("after", str, description="from `next`")],
        responses=TeamListSerializer,
    )
    def get(self, request: Request) -> Response:
        """List the teams that the caller is in now, 100 at a time; jobs are shared with each."""
        query = checked(TeamQuery(data=request.query_params.dict()))
        teams = caller(request).teams.filter(name__gt=query["after"]).order_by("name")
        rows = list(teams.values("name")[: _PAGE + 1])
        after = rows[_PAGE - 1]["name"] if len(rows) > _PAGE else ""
        return Response({"results": rows[:_PAGE], "next": next_url(request, after)})
