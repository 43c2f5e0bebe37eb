"""The order form of the dashboard: what people type, checked by the rules of the API."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from generation.fields import DEFAULT
from generation.kernel.tracks import BLANK_NAME
from generation.ranges import registered
from generation.schemes import name_of
from jobs.orders import MAX_COUNT, Obstacle, Order, contradictions_in
from jobs.orders.serializers import DEFAULT_EXPIRY, OrderSerializer
from jobs.orders.wrong_serializers import sketch
from jobs.pages.order.amounts import amount
from jobs.pages.order.choices import DEFECTS, SchemeChoice
from toolkit.wording import for_people

_EXPIRY = ("expiry_month", "expiry_min", "expiry_max")
_TEXTS = (
    *("label", "team", "cvv", "cardholder_name", "defect", "ordering", "priority"),
    *("address", "postcode", "service_code"),
)
_FOLDED = ("range", *_TEXTS[1:], "distinct_last_four", "pin_length", *_EXPIRY)
_NAMES = ("scheme", "count", "label", *_FOLDED)
_ON_THE_FORM = {
    "min_months": "the earliest",
    "max_months": "the latest",
    "GET /api/v1/schemes lists the codes.": "Choose one of the list.",
    "GET /api/v1/issuer-ranges lists those that are;": "Choose one of the list;",
    'send "defect": "expired"': "choose them among the negative cards",
    **{f"the defect {code}": f"“{words}”" for code, words in DEFECTS.items()},
}

_LABELS = {
    "scheme": "Scheme",
    "count": "Number of cards",
    "label": "Label",
    "range": "Issuer range",
    "defect": "Negative cards",
    "ordering": "Order of the numbers",
    "team": "Team",
    "priority": "Priority",
    "distinct_last_four": "Last four digits",
    "expiry": "Expiry",
    "cvv": "CVV",
    "cardholder_name": "Name",
    "address": "Address line",
    "postcode": "Postcode",
    "service_code": "Service code",
    "pin_length": "PIN digits",
    "fields": "Fields in the files",
}
"""What each field is called on the page, in its order."""


@dataclass
class OrderForm:
    """What was typed, kept as it was, and what is wrong with it, by field; "" is for the whole."""

    values: dict[str, str] = field(default_factory=dict)
    fields: tuple[str, ...] = DEFAULT
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def typed(cls, data: QueryDict) -> "OrderForm":
        """Take the fields of a posted form."""
        values = {name: _trimmed(str(data.get(name, ""))) for name in _NAMES}
        return cls(values=values, fields=tuple(map(str, data.getlist("fields"))))

    @property
    def names_fields(self) -> bool:
        """Tell whether the cards are to show other fields than the usual ones."""
        return set(self.fields) != set(DEFAULT)

    @property
    def uses_more_options(self) -> bool:
        """Tell whether the folded part of the form has something to show."""
        folded = {*_FOLDED, "expiry", "fields"}
        return self.names_fields or any(
            self.values.get(name) or name in self.errors for name in folded
        )

    def order(self) -> Order | None:
        """Check everything; None with `errors` filled if something is wrong."""
        serializer = OrderSerializer(data=self.body())
        if not serializer.is_valid():
            self._explain(serializer.errors)
        for refusal in contradictions_in(sketch(serializer)):
            self.refuse(Obstacle(refusal=refusal))
        return None if self.errors else serializer.order()

    def sketch(self) -> Order:
        """The order without what is wrong with it."""
        serializer = OrderSerializer(data=self.body())
        serializer.is_valid()
        return sketch(serializer)

    def refuse(self, obstacle: Obstacle) -> None:
        """Show where it can be mended what an order was or would be refused for."""
        said, text = self.errors.get(obstacle.field, ""), _for_people(obstacle.refusal.detail)
        if text not in said:
            self.errors[obstacle.field] = f"{said} {text}".strip()

    @property
    def wrong(self) -> list[tuple[str, str]]:
        """The fields with an error, in the order of the page, and what each is called there."""
        return [(name, label) for name, label in _LABELS.items() if name in self.errors]

    @property
    def reading(self) -> int | None:
        """The number of cards that was meant, None if that is not clear."""
        return amount(self.values.get("count", ""))

    def not_offered(self, schemes: Iterable[SchemeChoice]) -> dict[str, str]:
        """Scheme and range that were asked for and cannot be chosen now: they stay as they are."""
        all_of = list(schemes)
        offered = {
            "scheme": {scheme.code for scheme in all_of},
            "range": {choice.name for scheme in all_of for choice in scheme.ranges},
        }
        asked = {name: self.values.get(name, "") for name in offered}
        return {
            name: value for name, value in asked.items() if value and value not in offered[name]
        }

    def body(self) -> dict[str, Any]:
        """The same order as the API's JSON body; fills `errors` where there is none."""
        given = {name: value for name, value in self.values.items() if value}
        body = self._source(given) | {"count": self._count()}
        body |= {name: given[name] for name in _TEXTS if name in given}
        if "cardholder_name" in given:
            body["cardholder_name"] = given["cardholder_name"].upper()
        if "pin_length" in given:
            body["pin_length"] = self._number("pin_length")
        if "distinct_last_four" in given:
            body["distinct_last_four"] = True
        if self.names_fields:
            body["fields"] = self._fields()
        return body | self._expiry(given)

    def _source(self, given: Mapping[str, str]) -> dict[str, Any]:
        """The range, or the scheme if none is named; the page has both, and they must agree."""
        if "range" not in given:
            if "scheme" not in given:
                self.errors["scheme"] = "Choose a scheme."
            return {"scheme": given.get("scheme")}
        found = registered(given["range"]).first()
        if found and given.get("scheme", found.scheme) != found.scheme:
            self.errors["range"] = (
                f"Range {found.name} is of {name_of(found.scheme)}:"
                " choose that scheme, or another range."
            )
        return {"range": given["range"]}

    def _count(self) -> int | None:
        count = self._number("count")
        if count is not None and not 1 <= count <= MAX_COUNT:
            self.errors["count"] = f"Write a number from 1 to {MAX_COUNT:,}."
        return count

    def _fields(self) -> list[str]:
        if not self.fields:
            self.errors["fields"] = "Choose at least one field."
        return list(self.fields)

    def _expiry(self, given: Mapping[str, str]) -> dict[str, Any]:
        window = "expiry_min" in given or "expiry_max" in given
        if window and "expiry_month" in given:
            self.errors["expiry"] = "Give one month, or the earliest and the latest, not both."
        if not window:
            return {"expiry": given["expiry_month"]} if "expiry_month" in given else {}
        ends = {
            f"{end}_months": self._number(
                f"expiry_{end}", default=DEFAULT_EXPIRY[f"{end}_months"], shown_at="expiry"
            )
            for end in ("min", "max")
        }
        return {"expiry": ends}

    def _number(self, name: str, *, default: int | None = None, shown_at: str = "") -> int | None:
        typed = self.values.get(name, "")
        if not typed and default is not None:
            return default
        found = amount(typed)
        if found is None:
            self.errors[shown_at or name] = "Write a whole number, such as 1,000."
        return found

    def _explain(self, errors: Mapping[str, Any]) -> None:
        for name, details in errors.items():
            where = "" if name == "non_field_errors" else name
            self.errors.setdefault(where, _for_people(details))


def _trimmed(typed: str) -> str:
    """Take off the spaces around a text, except the one that is all of a blank name."""
    return typed if typed == BLANK_NAME else typed.strip()


def _for_people(details: Any) -> str:
    text = " ".join(map(str, details)) if isinstance(details, list) else str(details)
    for word, plain in _ON_THE_FORM.items():
        text = text.replace(word, plain)
    return for_people(text[:1].upper() + text[1:])
