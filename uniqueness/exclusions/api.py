"""Exclusions over HTTP: import, list, remove. Numbers come in bodies, never in URLs."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, PermissionDenied, UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from toolkit.actor import actor_of
from toolkit.requests import (
    ChoiceField,
    NumbersField,
    PlainNumberField,
    StrictSerializer,
    refuse_pans,
    refuse_wrong,
)
from toolkit.rights import Right, has_right
from toolkit.views import asked, caller, checked, next_url
from toolkit.wording import counted
from uniqueness.exclusions import pages, removing
from uniqueness.exclusions.imports import importing
from uniqueness.exclusions.imports.forms import MOST_BYTES, TOO_LARGE, ListForm
from uniqueness.exclusions.removing import Removal
from uniqueness.exclusions.representation import (
    ExclusionListSerializer,
    RemovalSerializer,
    ReportSerializer,
)
from uniqueness.models import Exclusion
from uniqueness.numbers import holds_card_number
from uniqueness.trail import note

"""Bytes of an upload, over HTTP and in the admin: about 3.9 million numbers of 16 digits."""
FORMS = {
    "text/plain": ListForm.PLAIN,
    "text/csv": ListForm.CSV,
    "application/x-ndjson": ListForm.NDJSON,
}


class TooLarge(APIException):
    """The body is over the limit."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = TOO_LARGE


class ImportQuery(StrictSerializer):
    """Query of an import."""

    dry_run = serializers.BooleanField(default=False, help_text="only report")
    strict = serializers.BooleanField(default=False, help_text="import nothing if a line is bad")
    source = serializers.CharField(  # type: ignore[assignment]  # DRF takes fields off the class
        default="API", max_length=200, help_text="kept with each number"
    )
    reason = serializers.CharField(
        default="", max_length=2_000, help_text="stands in the audit trail"
    )


class ListQuery(StrictSerializer):
    """Query of the list."""

    reason = ChoiceField(
        choices=Exclusion.Reason.choices, required=False, help_text="only those of this reason"
    )
    source = serializers.CharField(  # type: ignore[assignment]  # DRF takes fields off the class
        max_length=200, required=False, help_text="only those of this source, as it was named"
    )
    limit = PlainNumberField(
        min_value=1, max_value=1_000, default=100, help_text="exclusions in a page, 1 to 1,000"
    )
    after = serializers.CharField(
        max_length=200, default="", help_text="from `next` of the page before"
    )


class RemovalRequestSerializer(StrictSerializer):
    """Numbers to let go, or all imported from a source, and why."""

    numbers = NumbersField(required=False)
    source = serializers.CharField(  # type: ignore[assignment]  # DRF takes fields off the class
        required=False, max_length=200, help_text="in place of numbers: as the import named it"
    )
    reason = serializers.CharField(max_length=2_000, help_text="stands in the audit trail")
    dry_run = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Take one of the two."""
        if ("numbers" in attrs) == ("source" in attrs):
            raise serializers.ValidationError("Send either numbers or source.")
        return attrs


class ImportView(APIView):
    """Files of numbers."""

    @extend_schema(
        operation_id="exclusions_import",
        parameters=[ImportQuery],
        request={media: {"type": "string"} for media in FORMS},
        responses=ReportSerializer,
    )
    def post(self, request: Request) -> Response:
        """Exclude the numbers of a file of at most 64 MiB; all good lines are taken, or none."""
        refuse_pans(request.query_params, found=holds_card_number)
        query = asked(request, ImportQuery)
        report = importing.import_numbers(
            Body(request),
            request=importing.ImportRequest(form=_form(request), actor=actor_of(request), **query),
        )
        return Response(report.as_dict(), headers={"Cache-Control": "no-store"})


class ListView(APIView):
    """Numbers that must never be minted."""

    @extend_schema(
        operation_id="exclusions",
        parameters=[ListQuery],
        responses=ExclusionListSerializer,
    )
    def get(self, request: Request) -> Response:
        """List the exclusions, in the order of their numbers; those outside all ranges come last.

        Administrators see all of them, whole. Others see published numbers and those that they have
        claimed, by their IIN.
        """
        query = request.query_params.copy()
        query.pop("after", None)
        refuse_pans(query, found=holds_card_number)
        wanted = asked(request, ListQuery)
        whole = has_right(request.user, Right.EXCLUDE)
        if wanted.get("reason") == Exclusion.Reason.IMPORTED and not whole:
            raise PermissionDenied("Imported numbers are shown to administrators alone.")
        user_id = None if whole else caller(request).pk
        if source := wanted.get("source"):
            refuse_wrong({"source": pages.wrong_source(source, user_id=user_id)})
        rows, after = pages.page(user_id=user_id, **wanted)
        if whole and rows:
            _note_reading(request, len(rows))
        results = pages.shown(rows, whole=whole)
        return Response(
            {"results": results, "next": next_url(request, after)},
            headers={"Cache-Control": "no-store"},
        )


def _note_reading(request: Request, count: int) -> None:
    note(
        actor=actor_of(request),
        action="read_exclusions",
        subject=counted(count, "number"),
        reason="exclusions shown whole",
    )


class RemoveView(APIView):
    """Removal."""

    @extend_schema(
        operation_id="exclusions_remove",
        request=RemovalRequestSerializer,
        responses={200: RemovalSerializer},
    )
    def post(self, request: Request) -> Response:
        """Let imported numbers be issued again, where their slots were not passed; all or none."""
        wanted = checked(RemovalRequestSerializer(data=request.data))
        done = _remove(actor=actor_of(request), **wanted)
        return Response(RemovalSerializer(done).data, headers={"Cache-Control": "no-store"})


def _remove(*, source: str = "", numbers: list[str] | None = None, **words: Any) -> Removal:
    if numbers is not None:
        return removing.remove(numbers, **words)
    return removing.remove_source(source, request=removing.RemovalRequest(**words))


class Body:
    """The body of a request as it comes, no further than the limit.

    `request.data` would hold all of it, and is nothing where the length is not announced.
    """

    def __init__(self, request: Request) -> None:
        """Read from `request`, whose parsers must not have touched it."""
        self._request: Any = request
        self._left = MOST_BYTES
        announced = request.META.get("CONTENT_LENGTH") or ""
        if announced.isdecimal() and int(announced) > MOST_BYTES:
            raise TooLarge

    def read(self, size: int, /) -> bytes:
        """Read.

        :raises TooLarge: beyond the limit
        """
        piece: bytes = self._request.read(size)
        self._left -= len(piece)
        if self._left < 0:
            raise TooLarge
        return piece


def _form(request: Request) -> ListForm:
    media = (request.content_type or "").partition(";")[0].strip().lower()
    if media not in FORMS:
        raise UnsupportedMediaType(
            media, detail=f"Send the header Content-Type: {' or '.join(FORMS)}."
        )
    return FORMS[media]
