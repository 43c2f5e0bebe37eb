"""Numbers over HTTP: what they look like. They come in bodies, never in URLs."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.models import Tier
from toolkit.requests import PLACE, NumbersSerializer
from uniqueness.numbers.validation import PUBLISHED, Verdict, validate


class ValidationSerializer(serializers.Serializer[Any]):
    """One number, judged by what it looks like."""

    place = serializers.IntegerField(min_value=0, help_text=PLACE)
    masked = serializers.CharField(help_text="IIN and last four; the number is not repeated")
    luhn_valid = serializers.BooleanField(help_text="ends in its Luhn check digit")
    luhn_required = serializers.BooleanField(help_text="whether its scheme demands that there")
    scheme = serializers.CharField(allow_null=True, help_text="code, null if no scheme has it")
    length_valid = serializers.BooleanField(help_text="a length of the scheme, or 12 to 19")
    iin = serializers.CharField(help_text="8 digits of a number of 16 or more, else 6")
    tier = serializers.ChoiceField(
        choices=[*Tier.choices, (PUBLISHED, "published by a payment provider")],
        allow_null=True,
        help_text="null outside all registered ranges: nothing is known, it may be a live number",
    )
    range = serializers.CharField(allow_null=True, help_text="the registered range it lies in")
    cvv_length = serializers.IntegerField(allow_null=True, help_text="0 if the scheme prints none")
    grouping = serializers.CharField(allow_null=True, help_text="how it is embossed, e.g. 4-6-5")
    other_groupings = serializers.ListField(
        child=serializers.CharField(), help_text="other usual ways to write it, e.g. 6-13"
    )


class ValidationListSerializer(serializers.Serializer[Any]):
    """Results in the order asked."""

    results = ValidationSerializer(many=True)


class ValidateView(APIView):
    """Numbers judged by what they look like."""

    @extend_schema(
        operation_id="cards_validate",
        request=NumbersSerializer,
        responses={200: ValidationListSerializer},
    )
    def post(self, request: Request) -> Response:
        """Judge 1 to 10,000 numbers. Nothing of them is logged or stored."""
        asked = NumbersSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        verdicts = validate(asked.validated_data["numbers"])
        results = [{"place": at} | _verdict_dict(one) for at, one in enumerate(verdicts)]
        return Response({"results": results}, headers={"Cache-Control": "no-store"})


def _verdict_dict(verdict: Verdict) -> dict[str, Any]:
    scheme, issuer_range = verdict.scheme, verdict.issuer_range
    grouping, *others = verdict.groupings or [None]
    return {
        "masked": verdict.masked,
        "luhn_valid": verdict.luhn_valid,
        "luhn_required": verdict.luhn_required,
        "scheme": scheme.code if scheme else None,
        "length_valid": verdict.length_valid,
        "iin": verdict.iin,
        "tier": verdict.tier,
        "range": issuer_range.name if issuer_range else None,
        "cvv_length": scheme.printed_cvv_length if scheme else None,
        "grouping": grouping,
        "other_groupings": others,
    }
