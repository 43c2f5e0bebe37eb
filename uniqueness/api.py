"""The catalogue over HTTP: schemes and registered ranges with what is left in them."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation import schemes
from generation.models import IssuerRange, Tier
from uniqueness.reservations import left


class SchemeSerializer(serializers.Serializer[Any]):
    """A card scheme."""

    scheme = serializers.CharField(help_text="code")
    name = serializers.CharField()
    cvv_name = serializers.CharField()
    cvv_length = serializers.IntegerField()
    ranges = serializers.ListField(child=serializers.CharField(), help_text="enabled ranges")


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
    enabled = serializers.BooleanField()
    capacity = serializers.IntegerField()
    left = serializers.IntegerField()


class RangeListSerializer(serializers.Serializer[Any]):
    """All registered ranges."""

    results = RangeSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class SchemeListView(APIView):
    """Schemes."""

    @extend_schema(operation_id="schemes", responses=SchemeListSerializer)
    def get(self, request: Request) -> Response:
        """List the schemes and the ranges that cards can be minted in."""
        enabled: dict[str, list[str]] = {}
        for issuer_range in IssuerRange.objects.filter(enabled=True):
            enabled.setdefault(issuer_range.scheme, []).append(issuer_range.name)
        rows = [
            {
                "scheme": scheme.code,
                "name": scheme.name,
                "cvv_name": scheme.cvv_name,
                "cvv_length": scheme.cvv_length,
                "ranges": enabled.get(scheme.code, []),
            }
            for scheme in schemes.catalogue().values()
        ]
        return Response({"results": rows, "next": None})


class VendorListView(SchemeListView):
    """The old name of the schemes."""

    @extend_schema(operation_id="vendors", deprecated=True, responses=SchemeListSerializer)
    def get(self, request: Request) -> Response:
        """List the schemes; kept for old clients."""
        return super().get(request)


class RangeListView(APIView):
    """Registered issuer ranges."""

    @extend_schema(operation_id="issuer_ranges", responses=RangeListSerializer)
    def get(self, request: Request) -> Response:
        """List the registered ranges with their tier, its source, and the numbers left."""
        rows = [_range_dict(issuer_range) for issuer_range in IssuerRange.objects.all()]
        return Response({"results": rows, "next": None})


def _range_dict(issuer_range: IssuerRange) -> dict[str, Any]:
    names = ("scheme", "iin", "pan_length", "tier", "source", "enabled", "capacity")
    return {
        "range": issuer_range.name,
        **{name: getattr(issuer_range, name) for name in names},
        "left": left(issuer_range),
    }
