"""The JSON bodies of the job API, checked before a service sees them."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from generation.kernel.defects import Defect
from generation.months import ExpiryTooFar, check_expiry, month_begun, month_number
from jobs.models import LONGEST_NAME, LONGEST_PROFILE_NAME, Priority
from jobs.orders.fixed_values import FixedValuesSerializer
from jobs.orders.order import MAX_COUNT, MAX_INLINE, MAX_ITEMS, ItemOrder, Order
from jobs.results.query import FieldListField
from toolkit.disguises import hides
from toolkit.requests import ChoiceField, StrictSerializer, WholeNumberField
from uniqueness.numbers import holds_card_number

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_MOST_MONTHS = 240
_FOR_MORE = f"For more, up to {MAX_COUNT:,}: POST /api/v1/cards/generate-async."
BEYOND_INLINE: dict[str, Any] = {
    "max_value": f"At most {MAX_INLINE:,} cards in one answer. {_FOR_MORE}"
}
_PAST = 'The expiry lies in the past. To ask for expired cards, send "defect": "expired".'
DEFAULT_EXPIRY = {"min_months": 12, "max_months": 48}


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "pattern": "^20[0-4][0-9]-(0[1-9]|1[0-2])$", "example": "2029-12"},
            {
                "type": "object",
                "properties": {
                    "min_months": {"type": "integer", "minimum": 0, "maximum": _MOST_MONTHS},
                    "max_months": {"type": "integer", "minimum": 0, "maximum": _MOST_MONTHS},
                },
                "required": ["min_months", "max_months"],
                "additionalProperties": False,
            },
        ]
    }
)
class ExpiryField(serializers.Field[Any, Any, Any, Any]):
    """A month such as `2029-12`, or a window counted in months from the current one."""

    def to_internal_value(self, data: Any) -> tuple[int, int]:
        """Return (first month, number of months); months count as year * 12 + month - 1."""
        this_month = month_number(timezone.now().date())
        first, last = _fixed(data) if isinstance(data, str) else _window(data, this_month)
        if first < this_month:
            raise serializers.ValidationError(_PAST)
        try:
            check_expiry(last)
        except ExpiryTooFar as refusal:
            raise serializers.ValidationError(refusal.detail) from None
        return first, last - first + 1

    def to_representation(self, value: Any) -> Any:
        """Expiry windows are only read."""
        return value


class ItemSerializer(StrictSerializer):
    """One line of an order: a count and either a scheme or a range."""

    scheme = serializers.CharField(max_length=32, required=False, help_text="code, e.g. visa")
    range = serializers.CharField(max_length=16, required=False, help_text="e.g. 400000-16")
    count = WholeNumberField(min_value=1, max_value=MAX_COUNT)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of scheme and range."""
        if ("scheme" in attrs) == ("range" in attrs):
            raise serializers.ValidationError("Give either scheme or range.")
        return attrs


class OptionsSerializer(FixedValuesSerializer):
    """How the cards' fields are chosen, the same for every form of order."""

    expiry = ExpiryField(required=False)
    label = serializers.CharField(  # type: ignore[assignment]  # DRF takes fields off the class
        max_length=200, required=False, allow_blank=True
    )
    team = serializers.CharField(
        min_length=1,
        max_length=LONGEST_NAME,
        required=False,
        allow_null=True,
        help_text="a team of yours, whose members see and control the job as you do",
    )
    fields = FieldListField(  # type: ignore[assignment]  # DRF takes fields off the class
        required=False, help_text="what the cards show, in this order"
    )

    defect = ChoiceField(
        choices=[defect.value for defect in Defect],
        required=False,
        allow_null=True,
        help_text="negative cards: what is wrong with them",
    )

    ordering = ChoiceField(
        choices=["random", "sequential"],
        required=False,
        help_text="sequential: numbers that count up, from windows kept for such orders",
    )

    priority = ChoiceField(choices=Priority.choices, required=False)
    deadline = serializers.DateTimeField(
        required=False, allow_null=True, help_text="the job fails if it is not finished by then"
    )

    distinct_last_four = serializers.BooleanField(
        required=False, help_text="no two cards of the job end in the same four digits"
    )

    def validate_label(self, label: str) -> str:
        """Holds no card number: it is kept and shown."""
        if any(map(hides, label)):
            raise serializers.ValidationError(
                "The label holds a control character, or one that turns the direction of writing."
            )
        if holds_card_number(label):
            raise serializers.ValidationError(
                "A card number seems to stand in the label, which is kept and shown: leave it out."
            )
        return label

    def validate_deadline(self, deadline: datetime | None) -> datetime | None:
        """Lies in the future."""
        if deadline is not None and deadline <= timezone.now():
            raise serializers.ValidationError("The deadline lies in the past.")
        return deadline

    def order(self) -> Order:
        """The checked order."""
        data = self.validated_data
        return self.order_of(data, items=tuple(ItemOrder(**item) for item in data["items"]))

    def order_of(self, data: Mapping[str, Any], *, items: tuple[ItemOrder, ...]) -> Order:
        """An order of these items, with checked values."""
        first, months = data.get("expiry") or ExpiryField().to_internal_value(DEFAULT_EXPIRY)
        return Order(
            items=items,
            first_month=first,
            months=months,
            cvv=data.get("cvv"),
            cardholder_name=data.get("cardholder_name"),
            details=self.details(data),
            label=data.get("label", ""),
            team=data.get("team") or "",
            fields=tuple(data.get("fields", ())),
            month=month_begun(timezone.now()),
            defect=Defect(data["defect"]) if data.get("defect") else None,
            distinct_last_four=data.get("distinct_last_four", False),
            sequential=data.get("ordering") == "sequential",
            priority=data.get("priority", Priority.NORMAL),
            deadline=data.get("deadline"),
            tell_webhooks=data.get("tell_webhooks", False),
        )


class AnsweredSerializer(OptionsSerializer):
    """An order whose cards are the answer."""

    tell_webhooks = serializers.BooleanField(
        required=False,
        help_text="send your webhooks a message though the cards are the answer; a little slower",
    )


class OrderSerializer(OptionsSerializer):
    """An order: short form `scheme` or `range` and `count`, or `items`."""

    most = MAX_COUNT

    scheme = serializers.CharField(max_length=32, required=False, help_text="code, e.g. visa")
    range = serializers.CharField(max_length=16, required=False, help_text="e.g. 400000-16")
    count = WholeNumberField(min_value=1, required=False)
    items = serializers.ListField(
        child=ItemSerializer(), required=False, min_length=1, max_length=MAX_ITEMS
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Bring both forms to items and check the total."""
        short: dict[str, Any] = {
            name: attrs.pop(name) for name in ("scheme", "range", "count") if name in attrs
        }
        if bool(short) == ("items" in attrs):
            raise serializers.ValidationError("Give either scheme (or range) and count, or items.")
        attrs.setdefault("items", [_checked_item(short)] if short else [])
        _check_total(attrs["items"], most=self.most)
        return attrs


class JobOrderSerializer(OrderSerializer):
    """An order that a profile may fill in (`jobs.orders.filling`)."""

    profile = serializers.CharField(
        max_length=LONGEST_PROFILE_NAME,
        required=False,
        help_text="name or id of a profile: what else the body says comes before what it says",
    )


class SmallOrderSerializer(AnsweredSerializer, JobOrderSerializer):
    """An order that is answered with its cards."""

    most = MAX_INLINE


class IinOrderSerializer(AnsweredSerializer):
    """An order by registered IIN; `bin` is the old name of the same field."""

    iin = serializers.RegexField(r"\A([0-9]{6}|[0-9]{8})\Z", required=False)
    bin = serializers.RegexField(r"\A([0-9]{6}|[0-9]{8})\Z", required=False)
    count = WholeNumberField(min_value=1, max_value=MAX_INLINE, error_messages=BEYOND_INLINE)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of iin and bin."""
        given = [attrs.pop(name) for name in ("iin", "bin") if name in attrs]
        if len(given) != 1:
            raise serializers.ValidationError({"iin": "Give the registered IIN, 6 or 8 digits."})
        return attrs | {"items": [{"range": given[0], "count": attrs["count"]}]}


def _check_total(items: list[dict[str, Any]], *, most: int) -> None:
    total = sum(item["count"] for item in items)
    if total > most:
        raise serializers.ValidationError({"count": _too_many(total, most=most)})


def _too_many(count: int, *, most: int) -> str:
    remedy = _FOR_MORE if most < MAX_COUNT else "Order them in several jobs."
    return f"At most {most:,} cards in one order; {count:,} were asked for. {remedy}"


def _checked_item(short: dict[str, Any]) -> dict[str, Any]:
    if "count" not in short:
        raise serializers.ValidationError({"count": "Say how many cards."})
    if ("scheme" in short) == ("range" in short):
        raise serializers.ValidationError("Give either scheme or range.")
    return short


def _fixed(text: str) -> tuple[int, int]:
    match = _MONTH.fullmatch(text)
    if match is None:
        raise serializers.ValidationError("Write the month as YYYY-MM, e.g. 2029-12.")
    month = int(match[1]) * 12 + int(match[2]) - 1
    return month, month


def _window(data: Any, this_month: int) -> tuple[int, int]:
    names = {"min_months", "max_months"}
    if not isinstance(data, dict) or set(data) != names:
        raise serializers.ValidationError(
            'Give a month such as "2029-12", or {"min_months": 12, "max_months": 48}.'
        )
    number = WholeNumberField(
        min_value=0, max_value=_MOST_MONTHS, error_messages={"min_value": _PAST}
    )
    low, high = (number.run_validation(data[name]) for name in sorted(names, reverse=True))
    if low > high:
        raise serializers.ValidationError("min_months is larger than max_months.")
    return this_month + low, this_month + high
