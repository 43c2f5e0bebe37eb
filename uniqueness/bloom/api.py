"""Bloom filters over HTTP, for scanners that work offline."""

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.errors import UnregisteredIin
from generation.models import IssuerRange
from generation.ranges import meant_by, range_named
from toolkit import tally
from toolkit.requests import PlainNumberField, StrictSerializer
from toolkit.views import FormInQuery, asked, next_url
from uniqueness.bloom import windows
from uniqueness.bloom.exporting import export, file_name
from uniqueness.bloom.windows import END, PER_RANGE, UsedWindow

_MOST = 1_000
_MEDIA_TYPE = "application/octet-stream"


class BloomQuery(StrictSerializer):
    """Query of the list."""

    range = serializers.CharField(
        default="", max_length=16, help_text="name of a range, such as 400000-16: only its windows"
    )
    limit = PlainNumberField(
        min_value=1, max_value=_MOST, default=100, help_text="windows in a page, 1 to 1,000"
    )
    after = serializers.IntegerField(
        min_value=-1, max_value=END, default=-1, help_text="from `next` of the page before"
    )


class WindowFilterSerializer(serializers.Serializer[Any]):
    """The filter of a window."""

    range = serializers.CharField()
    window = serializers.IntegerField(help_text="slot in the range // 10^6")
    state = serializers.ChoiceField(
        choices=["sealed", "open"], help_text="sealed: it holds every card of the window"
    )
    version = serializers.IntegerField(help_text="0 if it was never sealed")
    cards = serializers.IntegerField(help_text="in the version sealed last")
    digest = serializers.CharField(allow_null=True, help_text="BLAKE2b-256; null unless sealed")
    sealed_at = serializers.DateTimeField(allow_null=True, help_text="the last time")
    file = serializers.URLField()


class BloomListSerializer(serializers.Serializer[Any]):
    """A page of windows with cards."""

    results = WindowFilterSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class BloomListView(APIView):
    """Windows and their filters."""

    @extend_schema(
        operation_id="bloom_filters",
        parameters=[BloomQuery],
        responses=BloomListSerializer,
    )
    def get(self, request: Request) -> Response:
        """List the windows that hold cards, with the state of their filters."""
        query = asked(request, BloomQuery)
        issuer_range = range_named(query["range"]) if query["range"] else None
        limit = query["limit"]
        found = windows.used(issuer_range=issuer_range, after=query["after"], limit=limit + 1)
        shown, following = found[:limit], None
        if len(found) > len(shown):
            following = next_url(request, str(shown[-1].number))
        return Response({"results": _dicts(request, shown), "next": following})


class BloomView(APIView):
    """One filter."""

    content_negotiation_class = FormInQuery

    @extend_schema(
        operation_id="bloom_filter",
        parameters=[
            OpenApiParameter("range", str, "path", description="e.g. 400000-16"),
            OpenApiParameter("window", int, "path", description="slot in the range // 10^6"),
        ],
        responses={(200, _MEDIA_TYPE): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, range: str, window: int) -> HttpResponse:  # noqa: A002 (the URL's word)
        """Download a window's filter with a header that says what it is."""
        try:
            issuer_range = range_named(range)
        except UnregisteredIin:
            raise NotFound(f"No such issuer range is registered.{meant_by(range)}") from None
        content = export(issuer_range=issuer_range, window=window)
        tally.add(f"{'filter-missed' if content is None else 'filter'} {tally.who(request)}")
        if content is None:
            raise Http404
        headers = {
            "Content-Disposition": f'attachment; filename="{file_name(range, window)}"',
            "Cache-Control": "private, no-store",
        }
        return HttpResponse(content, content_type=_MEDIA_TYPE, headers=headers)


def _dicts(request: Request, shown: list[UsedWindow]) -> list[dict[str, Any]]:
    ranges = IssuerRange.objects.in_bulk({window.number // PER_RANGE for window in shown})
    rows = []
    for window in shown:
        name, number = ranges[window.number // PER_RANGE].name, window.number % PER_RANGE
        file = reverse("bloom-filter", args=[name, number])
        rows.append(
            {
                "range": name,
                "window": number,
                "state": "open" if window.digest is None else "sealed",
                "version": window.version,
                "cards": window.cards,
                "digest": window.digest.hex() if window.digest else None,
                "sealed_at": window.sealed_at,
                "file": request.build_absolute_uri(file),
            }
        )
    return rows
