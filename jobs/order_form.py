"""The order form of the dashboard: what people type, checked by the rules of the API."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generation.errors import Refusal
from jobs.orders import MAX_COUNT, Order
from jobs.serializers import DEFAULT_EXPIRY, OrderSerializer

FIELDS = ("scheme", "count", "label", "expiry_min", "expiry_max", "cvv", "cardholder_name")
_SEPARATORS = re.compile(r"[\s,_.']")
_MOST_DIGITS = 18
_WORDS = {
    "cvv": "Write 3 or 4 digits.",
    "cardholder_name": "Write 2 to 26 characters: A to Z, digits, space and . ' / -",
}
_FIELD_OF_CODE = {
    "range_exhausted": "count",
    "unknown_scheme": "scheme",
    "range_disabled": "scheme",
    "invalid_order": "cvv",
}


@dataclass
class OrderForm:
    """What was typed, kept as it was, and what is wrong with it, by field; "" is for the whole."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def typed(cls, data: Mapping[str, str]) -> "OrderForm":
        """Take the fields of a posted form."""
        return cls(values={name: str(data.get(name, "")).strip() for name in FIELDS})

    @property
    def uses_more_options(self) -> bool:
        """Tell whether the folded part of the form has something to show."""
        folded = ("expiry_min", "expiry_max", "cvv", "cardholder_name")
        return any(self.values.get(name) for name in folded) or "expiry" in self.errors

    def order(self) -> Order | None:
        """Check everything; None with `errors` filled if something is wrong."""
        body = self._body()
        if self.errors:
            return None
        serializer = OrderSerializer(data=body)
        if not serializer.is_valid():
            self._explain(serializer.errors)
            return None
        return serializer.order()

    def refuse(self, refusal: Refusal) -> None:
        """Show a service's refusal where it can be mended."""
        self.errors[_FIELD_OF_CODE.get(refusal.code, "")] = refusal.detail

    def _body(self) -> dict[str, Any]:
        """The same order as the API's JSON body."""
        given = {name: value for name, value in self.values.items() if value}
        body: dict[str, Any] = {
            name: given[name] for name in ("scheme", "label", "cvv") if name in given
        }
        if "scheme" not in given:
            self.errors["scheme"] = "Choose a scheme."
        body["count"] = self._number("count", default=None)
        if body["count"] is not None and not 1 <= body["count"] <= MAX_COUNT:
            self.errors["count"] = f"Write a number from 1 to {MAX_COUNT:,}."
        if "expiry_min" in given or "expiry_max" in given:
            body["expiry"] = {
                f"{end}_months": self._number(
                    f"expiry_{end}", default=DEFAULT_EXPIRY[f"{end}_months"], shown_at="expiry"
                )
                for end in ("min", "max")
            }
        if "cardholder_name" in given:
            body["cardholder_name"] = given["cardholder_name"].upper()
        return body

    def _number(self, name: str, *, default: int | None, shown_at: str = "") -> int | None:
        typed = _SEPARATORS.sub("", self.values.get(name, ""))
        if not typed and default is not None:
            return default
        if typed.isascii() and typed.isdigit() and len(typed) <= _MOST_DIGITS:
            return int(typed)
        self.errors[shown_at or name] = "Write a whole number, such as 1,000."
        return None

    def _explain(self, errors: Mapping[str, Any]) -> None:
        for name, details in errors.items():
            where = "" if name == "non_field_errors" else name
            self.errors[where] = _WORDS.get(name) or _for_people(details)


def _for_people(details: Any) -> str:
    text = " ".join(map(str, details)) if isinstance(details, list) else str(details)
    text = text.replace("min_months", "the earliest").replace("max_months", "the latest")
    return text[:1].upper() + text[1:]
