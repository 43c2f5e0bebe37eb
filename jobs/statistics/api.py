"""Cards issued a day over HTTP. Nothing here reads a card: it takes as long for 10^9 as for ten."""

from dataclasses import replace
from datetime import date
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs import watching
from jobs.statistics.figures import Dimension, Wanted, grouped, latest_day
from jobs.statistics.periods import MOST_DAYS, Period
from jobs.statistics.query import DaysQuery, GroupsQuery, LatestQuery, StatisticsQuery
from jobs.statistics.representation import (
    DayListSerializer,
    GroupListSerializer,
    LatestSerializer,
    StatisticsSerializer,
    day_dict,
    period_dict,
    totals_dict,
)
from toolkit.refusals import InvalidPage
from toolkit.requests import refuse_pans, refuse_wrong
from toolkit.views import asked, caller, cut, next_url
from uniqueness.numbers import holds_card_number

_BETWEEN = "|"
_NAMES = {"owner": watching.wrong_owner, "team": watching.wrong_team}
_MOST_VALUES = 1_000
"""There are fewer pairs of a scheme and a tier."""


class StatisticsView(APIView):
    """Totals."""

    @extend_schema(
        operation_id="cards_statistics",
        parameters=[StatisticsQuery],
        responses=StatisticsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Count the cards issued in a period, in all, by scheme and by tier.

        You see what you and your teams ordered; operators and administrators see everybody's.
        """
        wanted, _ = _asked(request, StatisticsQuery)
        return Response(period_dict(wanted.period) | _totals(wanted))


class LatestView(APIView):
    """The newest day."""

    @extend_schema(
        operation_id="cards_latest", parameters=[LatestQuery], responses=LatestSerializer
    )
    def get(self, request: Request) -> Response:
        """Count the cards of the last day on which cards were issued, by scheme and by tier.

        It is the last day with cards that fit the filters and that you may see. Without any,
        `day` is null.
        """
        wanted, _ = _asked(request, LatestQuery)
        day = latest_day(wanted)
        if day is None:
            return Response(day_dict(None) | totals_dict([]))
        wanted = replace(wanted, period=Period(first=day, last=day))
        return Response(day_dict(day) | _totals(wanted))


class DaysView(APIView):
    """Days."""

    @extend_schema(operation_id="cards_by_day", parameters=[DaysQuery], responses=DayListSerializer)
    def get(self, request: Request) -> Response:
        """Count the cards issued on each day of a period, the first day first; some have none."""
        wanted, query = _asked(request, DaysQuery)
        by_day = grouped(wanted, by=[Dimension.DAY], limit=MOST_DAYS)
        found = {day: cards for (day,), cards in by_day}
        after = query.get("after", date.min)
        days = [day for day in wanted.period.days() if day > after]
        page = cut(days[: query["limit"] + 1], limit=query["limit"], cursor=str)
        results = [{"day": day, "cards": found.get(str(day), 0)} for day in page.rows]
        body = {"results": results, "next": next_url(request, page.after)}
        return Response(period_dict(wanted.period) | body)


class GroupsView(APIView):
    """Figures by what is asked."""

    @extend_schema(
        operation_id="cards_aggregated", parameters=[GroupsQuery], responses=GroupListSerializer
    )
    def get(self, request: Request) -> Response:
        """Count the cards issued in a period by day, scheme, range, tier, owner or team."""
        wanted, query = _asked(request, GroupsQuery)
        by, limit = query["by"], query["limit"]
        after = query["after"].split(_BETWEEN) if query["after"] else []
        if after and len(after) != len(by):
            raise InvalidPage("There is no such page: start again without `after`.")
        found = grouped(wanted, by=by, after=after, limit=limit + 1)
        page = cut(found, limit=limit, cursor=lambda row: _BETWEEN.join(row[0]))
        results = [_group_dict(by, values, cards) for values, cards in page.rows]
        body = {"results": results, "next": next_url(request, page.after)}
        return Response(period_dict(wanted.period) | body)


def _asked(
    request: Request, form: type[serializers.Serializer[Any]]
) -> tuple[Wanted, dict[str, Any]]:
    """Read a query: whose figures of what, and the rest of it."""
    refuse_pans(request.query_params, found=holds_card_number)
    query = asked(request, form)
    refuse_wrong(
        {
            name: wrong(query[name], user=caller(request))
            for name, wrong in _NAMES.items()
            if name in query
        }
    )
    only = {one: query[one] for one in Dimension if one in query}
    return Wanted(user=caller(request), period=query["period"], only=only), query


def _totals(wanted: Wanted) -> dict[str, Any]:
    by = [Dimension.SCHEME, Dimension.TIER]
    return totals_dict(grouped(wanted, by=by, limit=_MOST_VALUES))


def _group_dict(by: list[Dimension], values: list[str], cards: int) -> dict[str, Any]:
    told: dict[str, Any] = dict(zip(by, values, strict=True))
    if told.get("team") == "":
        told["team"] = None
    return told | {"cards": cards}
