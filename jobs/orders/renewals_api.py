"""Renew cards over HTTP. Numbers come in the body, never in the URL."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from jobs.orders.headers import origin_of
from jobs.orders.renewals import FIELDS, MOST_MONTHS, TERM_MONTHS, renew_cards
from jobs.quotas.headers import QUOTA_HEADERS, Metered
from jobs.results.query import FieldListField
from jobs.results.representation import CardSerializer
from toolkit.requests import NumbersField, StrictSerializer

MOST = 1_000


class RenewalOrderSerializer(StrictSerializer):
    """Cards to renew."""

    numbers = NumbersField(help_text="1 to 1,000 issued numbers, each once")
    months = serializers.IntegerField(
        min_value=1,
        max_value=MOST_MONTHS,
        default=TERM_MONTHS,
        help_text="from one expiry to the next",
    )

    fields = FieldListField(  # type: ignore[assignment]  # DRF takes fields off the class
        required=False,
        help_text="what the new cards show, in this order; the usual ones and psn if absent",
    )

    def validate_numbers(self, numbers: list[str]) -> list[str]:
        """At most 1,000, each once."""
        if len(numbers) > MOST:
            raise serializers.ValidationError(
                f"At most {MOST:,} numbers in one request: renew the rest in others."
            )
        if len(set(numbers)) != len(numbers):
            raise serializers.ValidationError("Send each number once.")
        return numbers


class RenewedCardSerializer(CardSerializer):
    """A renewed card with its PAN sequence number."""

    psn = serializers.CharField()


class RenewedListSerializer(serializers.Serializer[Any]):
    """Renewed cards in the order asked."""

    results = RenewedCardSerializer(many=True)


class RenewView(Metered):
    """Renewals."""

    @extend_schema(
        operation_id="cards_renew",
        parameters=QUOTA_HEADERS,
        request=RenewalOrderSerializer,
        responses={201: RenewedListSerializer},
    )
    def post(self, request: Request) -> Response:
        """Renew cards: same PAN, next PAN sequence number, later expiry, another CVV."""
        asked = RenewalOrderSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        cards = renew_cards(
            numbers=asked.validated_data["numbers"],
            origin=origin_of(request),
            term=asked.validated_data["months"],
            fields=tuple(asked.validated_data.get("fields", FIELDS)),
        )
        return Response({"results": cards}, status=201, headers={"Cache-Control": "no-store"})
