"""Published test cards over HTTP: by provider, scheme, behaviour, text; numbers only in bodies."""

import csv
from collections.abc import Iterable
from io import StringIO
from operator import attrgetter
from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation import published
from generation.published import Meaning, Wanted
from toolkit import tally
from toolkit.near import did_you_mean
from toolkit.requests import (
    ChoiceField,
    NumbersSerializer,
    PlainNumberField,
    StrictSerializer,
    refuse_pans,
)
from toolkit.views import FormInQuery, asked, checked, cut, next_url
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
_TEXT = "words of provider, scheme, behaviour or detail, or up to 8 first digits; never a number"


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
            meant = did_you_mean(value, published.values(self.field))
            raise serializers.ValidationError(f"No published card has that.{meant} Known: {known}.")
        return value


class GatewayField(serializers.CharField):
    """A provider, by slug or by name."""

    def to_internal_value(self, data: Any) -> str:
        """Return the slug."""
        value = super().to_internal_value(data).casefold()
        for gateway in published.gateways().values():
            if value in (gateway.slug, gateway.name.casefold()):
                return gateway.slug
        names = [gateway.slug for gateway in published.gateways().values()]
        raise serializers.ValidationError(
            f"There is no such provider.{did_you_mean(value, names)} GET /api/v1/cards/gateways"
            " lists them."
        )


class PageQuery(StrictSerializer):
    """Query of every list of published cards."""

    scheme = KnownValueField("scheme", help_text="as published, such as visa")
    behaviour = KnownValueField("behaviour", help_text="such as insufficient_funds")
    format = ChoiceField(
        choices=_FORMATS, default="json", help_text="csv: all that fit, without pages"
    )
    limit = PlainNumberField(
        min_value=1, max_value=_MOST, default=100, help_text="cards in a JSON page, 1 to 1,000"
    )
    after = PlainNumberField(
        min_value=0, max_value=10**9, default=0, help_text="from `next` of the page before"
    )


class CardsQuery(PageQuery):
    """Query of the whole catalogue."""

    provider = GatewayField(
        default="", max_length=64, help_text="slug or name, such as stripe; gateways lists them"
    )
    q = serializers.CharField(default="", max_length=200, help_text=_TEXT)


class SearchQuery(PageQuery):
    """Query of the text search."""

    q = serializers.CharField(max_length=200, help_text=_TEXT)


_PAGE_RESPONSES = {
    (200, "application/json"): TestCardListSerializer,
    (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, description="all that fit"),
}


class TestCardListView(APIView):
    """The catalogue of published test cards."""

    content_negotiation_class = FormInQuery

    @extend_schema(
        operation_id="test_cards",
        parameters=[CardsQuery],
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
        numbers = checked(NumbersSerializer(data=request.data))["numbers"]
        missed = [number for number in numbers if not published.of_number(number)]
        tally.add_prefixes("asked", tally.who(request), numbers)
        tally.add_prefixes("missed", tally.who(request), missed)
        pairs = zip(numbers, validate(numbers), strict=True)
        results = [
            {"place": place} | lookup_dict(verdict, published.of_number(number))
            for place, (number, verdict) in enumerate(pairs)
        ]
        return Response({"results": results}, headers={"Cache-Control": "no-store"})


class GatewayListView(APIView):
    """Providers."""

    @extend_schema(operation_id="gateways", responses=GatewayListSerializer)
    def get(self, request: Request) -> Response:
        """List the providers and how many numbers each publishes: always the whole list."""
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
        parameters=[PageQuery],
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
        parameters=[SearchQuery],
        responses=_PAGE_RESPONSES,
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Search the published test cards; prefer test-cards with `q`."""
        return _page(request, SearchQuery)


def _page(request: Request, form: type[PageQuery], *, gateway: str = "") -> HttpResponseBase:
    refuse_pans(request.query_params)
    query = asked(request, form)
    wanted = Wanted(
        gateway=gateway or query.get("provider", ""),
        scheme=query["scheme"],
        behaviour=query["behaviour"],
        text=query.get("q", ""),
    )
    if query["format"] == "csv":
        return _csv(published.find(wanted))
    found = published.find(wanted, after=query["after"], limit=query["limit"] + 1)
    page = cut(found, limit=query["limit"], cursor=attrgetter("id"))
    rows = [card_dict(meaning) for meaning in page.rows]
    return Response({"results": rows, "next": next_url(request, page.after)})


def _csv(found: Iterable[Meaning]) -> HttpResponse:
    """A few hundred lines: made whole, not streamed."""
    file = StringIO()
    writer = csv.DictWriter(file, CSV_FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(csv_dict, found))
    headers = {"Content-Disposition": 'attachment; filename="test-cards.csv"'}
    return HttpResponse(file.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)
