"""Published test cards over HTTP: by provider, scheme, behaviour, text; numbers only in bodies."""

import csv
from collections.abc import Iterable
from io import StringIO
from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation import published
from generation.published import Meaning, Wanted
from toolkit import tally
from toolkit.requests import NumbersSerializer, PlainNumberField, StrictSerializer, refuse_pans
from toolkit.views import FormInQuery, next_url
from uniqueness.catalogue.published_representation import (
    CSV_FIELDS,
    GatewayListSerializer,
    LookupListSerializer,
    TestCardListSerializer,
    card_dict,
    csv_dict,
    lookup_dict,
)
from uniqueness.numbers import validate

_FORMATS = ["json", "csv"]
_MOST = 1_000


class KnownValueField(serializers.CharField):
    """A value that the catalogue has, in any case."""

    def __init__(self, field: str, **kwargs: Any) -> None:
        super().__init__(default="", max_length=64, **kwargs)
        self.field = field

    def to_internal_value(self, data: Any) -> str:
        """Refuse what no card has: an empty page would hide a misspelt name."""
        value = super().to_internal_value(data).casefold()
        if value not in published.values(self.field):
            known = ", ".join(published.values(self.field))
            raise serializers.ValidationError(f"No published card has that. Known: {known}.")
        return value


class GatewayField(serializers.CharField):
    """A provider, by slug or by name."""

    def to_internal_value(self, data: Any) -> str:
        """Return the slug."""
        value = super().to_internal_value(data).casefold()
        for gateway in published.gateways().values():
            if value in (gateway.slug, gateway.name.casefold()):
                return gateway.slug
        raise serializers.ValidationError(
            "There is no such provider. GET /api/v1/cards/gateways lists them."
        )


class PageQuery(StrictSerializer):
    """Query of every list of published cards."""

    scheme = KnownValueField("scheme")
    behaviour = KnownValueField("behaviour")
    format = serializers.ChoiceField(choices=_FORMATS, default="json")
    limit = PlainNumberField(min_value=1, max_value=_MOST, default=100)
    after = PlainNumberField(min_value=0, max_value=10**9, default=0)


class CardsQuery(PageQuery):
    """Query of the whole catalogue."""

    provider = GatewayField(default="", max_length=64)
    q = serializers.CharField(default="", max_length=200)


class SearchQuery(PageQuery):
    """Query of the text search."""

    q = serializers.CharField(max_length=200)


_PAGE_PARAMETERS = [
    OpenApiParameter("scheme", str, description="as published, e.g. visa"),
    OpenApiParameter("behaviour", str, description="e.g. declined"),
    OpenApiParameter("format", str, enum=_FORMATS, description="json if absent; csv is everything"),
    OpenApiParameter("limit", int, description="cards in a JSON page, 1 to 1,000; 100 if absent"),
    OpenApiParameter("after", int, description="from `next`"),
]
_TEXT = "words of provider, scheme, behaviour or detail, or up to 8 first digits; never a number"
_PAGE_RESPONSES = {
    (200, "application/json"): TestCardListSerializer,
    (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, description="all that fit"),
}


class TestCardListView(APIView):
    """The catalogue of published test cards."""

    content_negotiation_class = FormInQuery

    @extend_schema(
        operation_id="test_cards",
        parameters=[
            OpenApiParameter("provider", str, description="slug or name"),
            OpenApiParameter("q", str, description=_TEXT),
            *_PAGE_PARAMETERS,
        ],
        responses=_PAGE_RESPONSES,
    )
    def get(self, request: Request) -> HttpResponseBase:
        """List published test cards, one entry for each number at each provider."""
        return _page(request, CardsQuery)


class LookupView(APIView):
    """Published meanings of given numbers."""

    @extend_schema(
        operation_id="test_cards_lookup",
        request=NumbersSerializer,
        responses={200: LookupListSerializer},
    )
    def post(self, request: Request) -> Response:
        """Tell what 1 to 10,000 numbers mean at the providers that publish them, if any do."""
        asked = NumbersSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        numbers = asked.validated_data["numbers"]
        missed = [number for number in numbers if not published.of_number(number)]
        tally.add_prefixes("asked", tally.who(request), numbers)
        tally.add_prefixes("missed", tally.who(request), missed)
        pairs = zip(numbers, validate(numbers), strict=True)
        results = [lookup_dict(verdict, published.of_number(number)) for number, verdict in pairs]
        return Response({"results": results}, headers={"Cache-Control": "no-store"})


class GatewayListView(APIView):
    """Providers."""

    @extend_schema(operation_id="gateways", responses=GatewayListSerializer)
    def get(self, request: Request) -> Response:
        """List the providers and how many numbers each publishes."""
        rows = [
            {"gateway": gateway.slug, "provider": gateway.name, "cards": gateway.cards}
            for gateway in published.gateways().values()
        ]
        return Response({"results": rows, "next": None})


class GatewayCardsView(APIView):
    """The test cards of one provider."""

    content_negotiation_class = FormInQuery

    @extend_schema(
        operation_id="gateway_cards",
        deprecated=True,
        parameters=_PAGE_PARAMETERS,
        responses=_PAGE_RESPONSES,
    )
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """List one provider's test cards; prefer test-cards with `provider`."""
        if slug not in published.gateways():
            raise Http404
        return _page(request, PageQuery, gateway=slug)


class SearchView(APIView):
    """Published test cards by text."""

    content_negotiation_class = FormInQuery

    @extend_schema(
        operation_id="cards_search",
        deprecated=True,
        parameters=[
            OpenApiParameter("q", str, required=True, description=_TEXT),
            *_PAGE_PARAMETERS,
        ],
        responses=_PAGE_RESPONSES,
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Search the published test cards; prefer test-cards with `q`."""
        return _page(request, SearchQuery)


def _page(request: Request, form: type[PageQuery], *, gateway: str = "") -> HttpResponseBase:
    refuse_pans(request.query_params)
    query = form(data=request.query_params)
    query.is_valid(raise_exception=True)
    asked = query.validated_data
    wanted = Wanted(
        gateway=gateway or asked.get("provider", ""),
        scheme=asked["scheme"],
        behaviour=asked["behaviour"],
        text=asked.get("q", ""),
    )
    if asked["format"] == "csv":
        return _csv(published.find(wanted))
    found = published.find(wanted, after=asked["after"], limit=asked["limit"] + 1)
    shown, more = found[: asked["limit"]], len(found) > asked["limit"]
    rows = [card_dict(meaning) for meaning in shown]
    after = str(shown[-1].id) if more else ""
    return Response({"results": rows, "next": next_url(request, after)})


def _csv(found: Iterable[Meaning]) -> HttpResponse:
    """A few hundred lines: made whole, not streamed."""
    file = StringIO()
    writer = csv.DictWriter(file, CSV_FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(csv_dict, found))
    headers = {"Content-Disposition": 'attachment; filename="test-cards.csv"'}
    return HttpResponse(file.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)
