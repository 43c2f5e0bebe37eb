"""The catalogue over HTTP: schemes and registered ranges with what is left in them."""

from operator import itemgetter
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.ranges import mintable
from generation.schemes import registry
from generation.schemes.model import Luhn, RangeRole, Scheme, SchemeRange
from toolkit.refusals import InvalidPage
from toolkit.requests import PlainNumberField, StrictSerializer
from toolkit.views import asked, cut, next_url


class SchemeRangeSerializer(serializers.Serializer[Any]):
    """Prefixes of a scheme, `first` to `last`."""

    first = serializers.CharField()
    last = serializers.CharField()
    pan_lengths = serializers.ListField(child=serializers.IntegerField())
    luhn = serializers.ChoiceField(choices=[rule.value for rule in Luhn])
    role = serializers.ChoiceField(
        choices=[role.value for role in RangeRole],
        help_text="own and ended prefixes may decide a number's scheme, shared ones never do",
    )
    source = serializers.CharField()  # type: ignore[assignment]  # DRF takes fields off the class
    note = serializers.CharField()


class SchemeSerializer(serializers.Serializer[Any]):
    """A card scheme."""

    scheme = serializers.CharField(help_text="code")
    name = serializers.CharField()
    status = serializers.CharField(help_text="active, historic, ended or reserved")
    status_detail = serializers.CharField()
    cvv_name = serializers.CharField()
    cvv_length = serializers.IntegerField(
        allow_null=True, help_text="0 if the scheme prints none, null if no source says"
    )
    luhn = serializers.ChoiceField(choices=[rule.value for rule in Luhn])
    pan_lengths = serializers.ListField(child=serializers.IntegerField())
    groupings = serializers.DictField(
        child=serializers.CharField(), help_text="as embossed, by PAN length, e.g. 4-6-5"
    )
    other_groupings = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="other usual ways to write a number, by PAN length, e.g. 6-13",
    )
    iin_ranges = SchemeRangeSerializer(many=True)
    ranges = serializers.ListField(
        child=serializers.CharField(), help_text="enabled ranges that cards can be issued in"
    )


class SchemeListSerializer(serializers.Serializer[Any]):
    """All schemes."""

    results = SchemeSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class SchemeQuery(StrictSerializer):
    """Query of the schemes."""

    enabled = serializers.BooleanField(
        default=False, help_text="true: only schemes that can be ordered now"
    )
    limit = PlainNumberField(
        min_value=1, max_value=1_000, default=100, help_text="schemes in a page, 1 to 1,000"
    )
    after = serializers.CharField(
        max_length=32, default="", help_text="from `next` of the page before"
    )


class SchemeListView(APIView):
    """Schemes."""

    @extend_schema(operation_id="schemes", parameters=[SchemeQuery], responses=SchemeListSerializer)
    def get(self, request: Request) -> Response:
        """List the schemes, their prefixes and rules, and the ranges cards can be issued in."""
        query = asked(request, SchemeQuery)
        enabled: dict[str, list[str]] = {}
        for issuer_range in mintable():
            enabled.setdefault(issuer_range.scheme, []).append(issuer_range.name)
        rows = [
            _scheme_dict(scheme) | {"ranges": enabled.get(scheme.code, [])}
            for scheme in registry.catalogue().values()
            if scheme.code in enabled or not query["enabled"]
        ]
        found = _following(rows, query["after"])[: query["limit"] + 1]
        page = cut(found, limit=query["limit"], cursor=itemgetter("scheme"))
        return Response({"results": page.rows, "next": next_url(request, page.after)})


class VendorListView(SchemeListView):
    """The old name of the schemes."""

    @extend_schema(
        operation_id="vendors",
        deprecated=True,
        parameters=[SchemeQuery],
        responses=SchemeListSerializer,
    )
    def get(self, request: Request) -> Response:
        """List the schemes; kept for old clients."""
        return super().get(request)


def _following(rows: list[dict[str, Any]], code: str) -> list[dict[str, Any]]:
    """Return the rows behind a scheme, in the order of the catalogue.

    :raises InvalidPage: if there is no such scheme
    """
    if not code:
        return rows
    places = [place for place, row in enumerate(rows) if row["scheme"] == code]
    if not places:
        raise InvalidPage("`after` comes from `next` of the page before.")
    return rows[places[0] + 1 :]


def _scheme_dict(scheme: Scheme) -> dict[str, Any]:
    same = ("name", "status", "status_detail", "cvv_name", "luhn", "pan_lengths")
    return {
        "scheme": scheme.code,
        **{name: getattr(scheme, name) for name in same},
        "cvv_length": scheme.printed_cvv_length,
        "groupings": {length: scheme.grouping(length) for length in scheme.pan_lengths},
        "other_groupings": {
            length: others
            for length in scheme.pan_lengths
            if (others := scheme.groupings(length)[1:])
        },
        "iin_ranges": [_scheme_range_dict(span) for span in scheme.ranges],
    }


def _scheme_range_dict(span: SchemeRange) -> dict[str, Any]:
    names = ("first", "last", "pan_lengths", "luhn", "role", "source", "note")
    return {name: getattr(span, name) for name in names}
