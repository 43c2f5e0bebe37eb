"""Download a job's cards: JSON pages, or a streamed file."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, HttpResponseNotModified
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs.models import Job
from jobs.results import cards as export
from jobs.results import index
from jobs.results.answers import answer, headers_alone
from jobs.results.files import ResultFile
from jobs.results.forms import FORMS
from jobs.results.query import PAGE, ResultQuery, SumQuery
from jobs.results.representation import CardListSerializer
from jobs.results.selections import Selection
from jobs.results.text_forms import DELIMITERS, TEXT_FORMS, Layout
from jobs.watching import readable
from toolkit.actor import actor_of
from toolkit.conditions import RangeUnsatisfiable, names
from toolkit.views import FormInQuery, asked, next_url
from toolkit.wording import counted
from uniqueness.trail import note

_PRIVATE = "private, no-store"


IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="the `ETag` of what you have"
)


class JobResultView(APIView):
    """The cards of one finished job."""

    content_negotiation_class = FormInQuery

    @extend_schema(
        operation_id="job_result",
        parameters=[
            ResultQuery,
            OpenApiParameter(
                "Range",
                str,
                OpenApiParameter.HEADER,
                description="`bytes=N-`, `bytes=N-M` or `bytes=-N`, of a whole file in a text form",
            ),
            OpenApiParameter(
                "If-Range",
                str,
                OpenApiParameter.HEADER,
                description="the `ETag` of the file that was begun: another file is sent whole",
            ),
            IF_NONE_MATCH,
        ],
        responses={
            (200, "application/json"): CardListSerializer,
            **{
                (200, form.media_type.partition(";")[0]): OpenApiResponse(OpenApiTypes.BINARY)
                for form in FORMS.values()
            },
            **{
                (206, form.media_type.partition(";")[0]): OpenApiResponse(OpenApiTypes.BINARY)
                for form in TEXT_FORMS.values()
            },
            304: None,
        },
    )
    def get(self, request: Request, job_id: UUID) -> HttpResponseBase:
        """Return a page of cards as JSON, or all of them as a streamed file."""
        wanted = asked(request, ResultQuery)
        job, fields = _finished(request, job_id, wanted)
        if wanted["format"] != "json":
            file = _file(job, wanted, fields)
            response = answer(request, file)
            if response.streaming and request.method != "HEAD":
                _note(request, job, form=wanted["format"], rows=file.rows)
            return response
        headers = {"Cache-Control": _PRIVATE}
        if request.method == "HEAD":
            return headers_alone("application/json", headers=headers)
        cards, after = _page(job, wanted, fields)
        if cards and not wanted["after"]:
            _note(request, job, form="json", rows=_selection(wanted).size(job))
        body = {"results": cards, "next": next_url(request, after, without="seek")}
        return Response(body, headers=headers)

    def handle_exception(self, exc: Exception) -> Response:
        """Say with a 416 how many bytes there are."""
        response = super().handle_exception(exc)
        if isinstance(exc, RangeUnsatisfiable):
            response["Content-Range"] = f"bytes */{exc.size}"
        return response


class JobResultSumView(APIView):
    """The SHA-256 of one file of a finished job."""

    content_negotiation_class = FormInQuery

    @extend_schema(
        operation_id="job_result_sha256",
        parameters=[
            SumQuery,
            IF_NONE_MATCH,
        ],
        responses={
            (200, "text/plain"): OpenApiResponse(
                OpenApiTypes.STR, description="64 hexadecimal digits, two spaces, file name"
            ),
            304: None,
        },
    )
    def get(self, request: Request, job_id: UUID) -> HttpResponseBase:
        """Return the SHA-256 of the file before any gzip, as `sha256sum -c` reads it."""
        wanted = asked(request, SumQuery)
        job, fields = _finished(request, job_id, wanted)
        file = _file(job, wanted, fields)
        headers = {"ETag": file.etag(coding="sha256"), "Cache-Control": _PRIVATE}
        if names(request.headers.get("If-None-Match", ""), headers["ETag"]):
            return HttpResponseNotModified(headers=headers)
        line = f"{index.measured(file).sha256}  {file.name}\n"
        return HttpResponse(line, content_type="text/plain; charset=utf-8", headers=headers)


def _note(request: Request, job: Job, *, form: str, rows: int) -> None:
    """Write down who takes the cards away."""
    note(
        actor=actor_of(request),
        action="download",
        subject=str(job.id),
        reason=f"{form}, {counted(rows, 'card')}",
    )


def _finished(
    request: Request, job_id: UUID, wanted: dict[str, Any]
) -> tuple[Job, tuple[str, ...]]:
    """Return the caller's job, if its cards are there, and the fields to show.

    :raises Http404: if the caller may not see it
    :raises Refusal: if it still mints, its cards were deleted, or they cannot have the fields
    """
    job = readable(request.user, job_id)
    export.require_final(job)
    fields = wanted.get("fields") or export.fields_of(job)
    export.require_fields(job, fields)
    return job, fields


def _page(
    job: Job, wanted: dict[str, Any], fields: tuple[str, ...]
) -> tuple[list[dict[str, Any]], str]:
    """Return a page of the cards selected, and the cursor to go on from."""
    begin, until, selection = wanted["after"], "", _selection(wanted)
    if selection.words:
        begin, until, size = selection.stretch(job, after=begin)
        if not size:
            return [], ""
    return export.page(job, after=begin, until=until, limit=_limit(wanted), fields=fields)


def _limit(wanted: dict[str, Any]) -> int:
    return int(wanted.get("limit", PAGE))


def _selection(wanted: dict[str, Any]) -> Selection:
    """Return what is asked for of the job; a page of JSON is only read up to its limit."""
    return Selection(
        share=wanted.get("shard"),
        seek=wanted.get("seek", 0),
        limit=None if wanted["format"] == "json" else wanted.get("limit"),
    )


def _file(job: Job, wanted: dict[str, Any], fields: tuple[str, ...]) -> ResultFile:
    return ResultFile(
        job=job,
        form_name=wanted["format"],
        layout=Layout(fields=fields, delimiter=DELIMITERS[wanted["delimiter"]]),
        after=wanted.get("after", ""),
        selection=_selection(wanted),
    )
