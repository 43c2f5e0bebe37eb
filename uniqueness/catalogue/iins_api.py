"""One IIN over HTTP: its scheme, the ranges registered in it, and what public lists say."""

import re
from dataclasses import asdict
from typing import Any

from django.db.models import Q
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation import published
from generation.models import IssuerRange
from generation.schemes import detection, evidence
from uniqueness.registry.representation import RangeSerializer, range_dicts

_IIN = re.compile("[0-9]{6}|[0-9]{8}")
NOTE = (
    "`bin_list` and `scheme_owned` come from a community BIN list (CC BY 4.0): unofficial, six"
    " digits only, without proof of who owns a prefix or whether numbers in it are live."
)


class EvidenceSerializer(serializers.Serializer[Any]):
    """What the community BIN list says of the prefix of a published test card."""

    prefix = serializers.CharField()
    status = serializers.CharField()
    brand = serializers.CharField()
    issuer = serializers.CharField()
    country = serializers.CharField()
    type = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # DRF takes fields off the class
    other_source = serializers.CharField()


class OwnedPrefixSerializer(serializers.Serializer[Any]):
    """A prefix that the list shows as the scheme's own."""

    prefix = serializers.CharField()
    brand = serializers.CharField()
    type = serializers.CharField()
    owner = serializers.CharField()
    country = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # DRF takes fields off the class


class PublishedInIinSerializer(serializers.Serializer[Any]):
    """The published test cards with this IIN."""

    numbers = serializers.IntegerField()
    schemes = serializers.ListField(child=serializers.CharField())
    gateways = serializers.ListField(child=serializers.CharField(), help_text="slugs")


class IinSerializer(serializers.Serializer[Any]):
    """All that is known of an IIN."""

    iin = serializers.CharField()
    scheme = serializers.CharField(allow_null=True)
    also = serializers.ListField(
        child=serializers.CharField(), help_text="other schemes with numbers here, co-badges last"
    )
    ranges = RangeSerializer(many=True, help_text="registered ranges that this IIN has part in")
    published = PublishedInIinSerializer()
    bin_list = EvidenceSerializer(allow_null=True)
    scheme_owned = OwnedPrefixSerializer(allow_null=True)
    note = serializers.CharField()


class IinView(APIView):
    """One IIN."""

    @extend_schema(
        operation_id="iin",
        parameters=[
            OpenApiParameter("iin", OpenApiTypes.STR, "path", pattern=f"^({_IIN.pattern})$")
        ],
        responses=IinSerializer,
    )
    def get(self, request: Request, iin: str) -> Response:
        """Tell what is known of an IIN of 6 or 8 digits, and how well it is known."""
        if not _IIN.fullmatch(iin):
            raise serializers.ValidationError(
                {"iin": "An IIN has 6 or 8 digits 0 to 9. Send whole numbers to cards/validate."}
            )
        return Response(
            {
                "iin": iin,
                **_schemes(iin),
                "ranges": range_dicts(_registered(iin)),
                "published": _published(iin),
                **_evidence(iin),
                "note": NOTE,
            }
        )


def _schemes(iin: str) -> dict[str, Any]:
    scheme = detection.detect(iin)
    codes = dict.fromkeys(span.scheme for span in detection.candidates(iin))
    code = scheme.code if scheme else None
    return {"scheme": code, "also": [other for other in codes if other != code]}


def _registered(iin: str) -> list[IssuerRange]:
    return list(IssuerRange.objects.filter(Q(iin__startswith=iin) | Q(iin=iin[:6])))


def _published(iin: str) -> dict[str, Any]:
    found = published.of_iin(iin)
    return {
        "numbers": len({meaning.number for meaning in found}),
        "schemes": sorted({meaning.scheme for meaning in found}),
        "gateways": sorted({meaning.gateway for meaning in found}),
    }


def _evidence(iin: str) -> dict[str, Any]:
    """An 8-digit prefix has rows of its own; the list behind them knows six digits."""
    entry, owned = evidence.bin_list_entry(iin), evidence.owned_prefix(iin)
    return {
        "bin_list": asdict(entry) if entry else None,
        "scheme_owned": asdict(owned) if owned else None,
    }
