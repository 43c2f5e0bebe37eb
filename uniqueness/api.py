"""The catalogue over HTTP: schemes and registered ranges with what is left in them."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation import schemes
from generation.models import IssuerRange, Tier
from generation.ranges import mintable
from generation.schemes import Luhn, Role, Scheme, SchemeRange
from uniqueness.capacity import Figures, figures_of


class SchemeRangeSerializer(serializers.Serializer[Any]):
    """Prefixes of a scheme, `first` to `last`."""

    first = serializers.CharField()
    last = serializers.CharField()
    pan_lengths = serializers.ListField(child=serializers.IntegerField())
    luhn = serializers.ChoiceField(choices=[rule.value for rule in Luhn])
    role = serializers.ChoiceField(
        choices=[role.value for role in Role],
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
        child=serializers.CharField(), help_text="by PAN length, e.g. 4-6-5"
    )
    iin_ranges = SchemeRangeSerializer(many=True)
    ranges = serializers.ListField(
        child=serializers.CharField(), help_text="enabled ranges that cards can be minted in"
    )


class SchemeListSerializer(serializers.Serializer[Any]):
    """All schemes."""

    results = SchemeSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class RangeSerializer(serializers.Serializer[Any]):
    """A registered issuer range."""

    range = serializers.CharField()
    scheme = serializers.CharField()
    iin = serializers.CharField()
    pan_length = serializers.IntegerField()
    tier = serializers.ChoiceField(choices=Tier.choices)
    source = serializers.CharField()  # type: ignore[assignment]  # DRF takes fields off the class
    statement = serializers.CharField(help_text="of an owned range: what is stated of it")
    enabled = serializers.BooleanField(help_text="its tier must be on too")
    capacity = serializers.IntegerField()
    issued = serializers.IntegerField(help_text="written to the ledger, purged ones too")
    reserved = serializers.IntegerField(help_text="held by jobs, some of them issued by now")
    released = serializers.IntegerField(help_text="held once, hold no card, free again")
    released_sequential = serializers.IntegerField(help_text="the same, for sequential cards only")
    excluded = serializers.IntegerField(help_text="never minted at random")
    left = serializers.IntegerField(help_text="can still be ordered")


class RangeListSerializer(serializers.Serializer[Any]):
    """All registered ranges."""

    results = RangeSerializer(many=True)
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
            for scheme in schemes.catalogue().values()
        ]
        return Response({"results": rows, "next": None})


class VendorListView(SchemeListView):
    """The old name of the schemes."""

    @extend_schema(operation_id="vendors", deprecated=True, responses=SchemeListSerializer)
    def get(self, request: Request) -> Response:
        """List the schemes; kept for old clients."""
        return super().get(request)


def range_dicts(ranges: Iterable[IssuerRange]) -> list[dict[str, Any]]:
    """Show registered ranges, with what is left in all of them counted in one query."""
    found = list(ranges)
    figures = figures_of(found)
    return [_range_dict(issuer_range, figures[issuer_range.pk]) for issuer_range in found]


def _range_dict(issuer_range: IssuerRange, figures: Figures) -> dict[str, Any]:
    names = ("scheme", "iin", "pan_length", "tier", "source", "statement", "enabled")
    shown = {name: getattr(issuer_range, name) for name in names}
    return {"range": issuer_range.name, **shown, **asdict(figures)}


def _scheme_dict(scheme: Scheme) -> dict[str, Any]:
    same = ("name", "status", "status_detail", "cvv_name", "luhn", "pan_lengths")
    return {
        "scheme": scheme.code,
        **{name: getattr(scheme, name) for name in same},
        "cvv_length": scheme.printed_cvv_length,
        "groupings": {length: scheme.grouping(length) for length in scheme.pan_lengths},
        "iin_ranges": [_scheme_range_dict(span) for span in scheme.ranges],
    }


def _scheme_range_dict(span: SchemeRange) -> dict[str, Any]:
    names = ("first", "last", "pan_lengths", "luhn", "role", "source", "note")
    return {name: getattr(span, name) for name in names}
