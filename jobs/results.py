"""Download a job's cards: JSON pages, or a streamed file."""

import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs import export
from jobs.api import find, next_url
from jobs.file_formats import FILE_FORMS, FileForm
from jobs.formats import DELIMITERS, TEXT_FORMS, Layout, TextForm
from jobs.models import Job
from jobs.representation import CardListSerializer
from jobs.serializers import checked_fields
from uniqueness.negotiation import FormInQuery

_GZIP_LEVEL = 1  # level 6 makes digits 12 % smaller and takes five times as long
_GZIP_CONTAINER = 31  # zlib's wbits for a gzip header and trailer (RFC 1952)


FORMS: dict[str, TextForm | FileForm] = {**TEXT_FORMS, **FILE_FORMS}


class FieldsField(serializers.Field[Any, Any, Any, Any]):
    """Names of fields, separated by commas."""

    def to_internal_value(self, data: Any) -> tuple[str, ...]:
        """Return the names in the order asked."""
        return checked_fields(str(data).split(","))

    def to_representation(self, value: Any) -> Any:
        """Fields are only read."""
        return value


class ResultQuery(serializers.Serializer[Any]):
    """Query of a result."""

    format = serializers.ChoiceField(choices=["json", *FORMS], default="json")
    limit = serializers.IntegerField(min_value=1, max_value=10_000, default=1_000)
    after = serializers.CharField(default="", max_length=64)
    fields = FieldsField(required=False)  # type: ignore[assignment]  # DRF takes it off the class
    delimiter = serializers.ChoiceField(choices=list(DELIMITERS), default="comma")


class JobResultView(APIView):
    """The cards of one finished job."""

    content_negotiation_class = FormInQuery

    @extend_schema(
        operation_id="job_result",
        parameters=[
            OpenApiParameter("format", str, enum=["json", *FORMS]),
            OpenApiParameter("fields", str, description="names separated by commas, docs/cards.md"),
            OpenApiParameter("delimiter", str, enum=list(DELIMITERS), description="of CSV"),
            OpenApiParameter("limit", int, description="cards in a JSON page, 1 to 10,000"),
            OpenApiParameter("after", str, description="from `next`"),
        ],
        responses={
            (200, "application/json"): CardListSerializer,
            **{
                (200, form.media_type.partition(";")[0]): OpenApiResponse(OpenApiTypes.BINARY)
                for form in FORMS.values()
            },
        },
    )
    def get(self, request: Request, job_id: UUID) -> HttpResponseBase:
        """Return a page of cards as JSON, or all of them as a streamed file."""
        query = ResultQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        job = find(request, job_id)
        export.require_final(job)
        wanted = query.validated_data
        fields = wanted.get("fields") or export.fields_of(job)
        export.require_fields(job, fields)
        if wanted["format"] != "json":
            return _file(request, job, wanted, fields)
        cards, after = export.page(job, after=wanted["after"], limit=wanted["limit"], fields=fields)
        body = {"results": cards, "next": next_url(request, after)}
        return Response(body, headers={"Cache-Control": "private, no-store"})


def _file(
    request: Request, job: Job, wanted: dict[str, Any], fields: tuple[str, ...]
) -> StreamingHttpResponse:
    form = FORMS[wanted["format"]]
    if isinstance(form, FileForm):
        form.check(rows=job.produced)
    layout = Layout(fields=fields, delimiter=DELIMITERS[wanted["delimiter"]])
    pieces = form.render(export.blocks(job, after=wanted["after"]), layout)
    headers = {
        "Content-Disposition": f'attachment; filename="cardgen-{job.id}.{form.ending}"',
        "Cache-Control": "private, no-store",
        "Vary": "Accept-Encoding",
    }
    if isinstance(form, TextForm) and _accepts_gzip(request):
        headers["Content-Encoding"] = "gzip"
        pieces = _gzip(pieces)
    return StreamingHttpResponse(_in_thread(pieces), content_type=form.media_type, headers=headers)


async def _in_thread(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Read in the request's thread: under ASGI a plain iterator would be loaded whole."""
    following = sync_to_async(_next, thread_sensitive=True)
    while piece := await following(pieces):
        yield piece


def _next(pieces: Iterator[bytes]) -> bytes:
    """Take a piece and give the database connection back: a slow client must not hold one.

    Also when the stream fails: Django then never says that the request is finished.
    """
    try:
        return next(pieces, b"")
    finally:
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def _gzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Compress on the way; yields no empty piece, which would end the stream."""
    packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_CONTAINER)
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()


def _accepts_gzip(request: Request) -> bool:
    accepted = request.headers.get("Accept-Encoding", "")
    codings = [coding.strip().lower().partition(";") for coding in accepted.split(",")]
    return any(
        name.strip() == "gzip" and quality.replace(" ", "") not in {"q=0", "q=0.0"}
        for name, _, quality in codings
    )
