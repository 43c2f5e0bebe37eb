"""The catalogue over HTTP: schemes and registered ranges with what is left in them."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.ranges import mintable
from generation.schemes import registry
from generation.schemes.model import Luhn, RangeRole, Scheme, SchemeRange


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
        child=serializers.CharField(), help_text="enabled ranges that cards can be minted in"
    )


class SchemeListSerializer(serializers.Serializer[Any]):
    """All schemes."""

    results = SchemeSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class SchemeListView(APIView):
    """Schemes."""

    @extend_schema(operation_id="schemes", responses=SchemeListSerializer)
    def get(self, request: Request) -> Response:
        """List the schemes, their prefixes and rules, and the ranges cards can be minted in."""
        enabled: dict[str, list[str]] = {}
        for issuer_range in mintable():
            enabled.setdefault(issuer_range.scheme, []).append(issuer_range.name)
        rows = [
            _scheme_dict(scheme) | {"ranges": enabled.get(scheme.code, [])}
            for scheme in registry.catalogue().values()
        ]
        return Response({"results": rows, "next": None})


class VendorListView(SchemeListView):
    """The old name of the schemes."""

    @extend_schema(operation_id="vendors", deprecated=True, responses=SchemeListSerializer)
    def get(self, request: Request) -> Response:
        """List the schemes; kept for old clients."""
        return super().get(request)


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
