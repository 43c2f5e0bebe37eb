"""Bloom filters over HTTP, for scanners that work offline."""

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.models import IssuerRange
from generation.ranges import range_named
from toolkit import tally
from toolkit.requests import StrictSerializer
from toolkit.views import FormInQuery, next_url
from uniqueness.bloom import windows
from uniqueness.bloom.exporting import export, file_name
from uniqueness.bloom.windows import END, PER_RANGE, UsedWindow

_MOST = 1_000
_MEDIA_TYPE = "application/octet-stream"


class BloomQuery(StrictSerializer):
    """Query of the list."""

    range = serializers.CharField(default="", max_length=16)
    limit = serializers.IntegerField(min_value=1, max_value=_MOST, default=100)
    after = serializers.IntegerField(min_value=-1, max_value=END, default=-1)


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
        parameters=[
            OpenApiParameter("range", str, description="e.g. 400000-16; all ranges if absent"),
            OpenApiParameter("limit", int, description="1 to 1,000; 100 if absent"),
            OpenApiParameter("after", int, description="from `next`"),
        ],
        responses=BloomListSerializer,
    )
    def get(self, request: Request) -> Response:
        """List the windows that hold cards, with the state of their filters."""
        query = BloomQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        issuer_range = range_named(asked["range"]) if asked["range"] else None
        found = windows.used(
            issuer_range=issuer_range, after=asked["after"], limit=asked["limit"] + 1
        )
        shown, following = found[: asked["limit"]], None
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
        """Download a window's filter with a header that says what it is (docs/bloom.md)."""
        content = export(issuer_range=range_named(range), window=window)
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
