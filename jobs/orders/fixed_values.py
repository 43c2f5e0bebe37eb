"""Values that are the same on every card of an order, in JSON: texts are texts, numbers numbers."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from generation.kernel.details import ADDRESS, PIN_LENGTHS, POSTCODE, SERVICE_CODE, Details, Rule
from generation.kernel.tracks import BLANK_NAME
from toolkit.requests import StrictSerializer, WholeNumberField

_CVV = Rule(pattern="[0-9]{3,4}", words="3 or 4 digits")
_CARDHOLDER_NAME = Rule(
    pattern=f"[A-Z0-9'][A-Z0-9 .'/-]{{0,24}}[A-Z0-9.'/-]|{BLANK_NAME}",
    words="2 to 26 characters of ISO/IEC 7813: capital letters A to Z, digits, spaces and . ' / -,"
    f" first a letter, digit or ', last no space; or `{BLANK_NAME}`, a space and a slash, as"
    " contactless cards give it instead of a name",
)
_PIN_LENGTH = (
    f"Send a whole number from {PIN_LENGTHS[0]} to {PIN_LENGTHS[-1]} (ISO 9564-1), without quotes."
)


class FixedTextField(serializers.RegexField):
    """A text that keeps a rule; null leaves the value to each card. Errors say what is allowed."""

    def __init__(self, rule: Rule) -> None:
        allowed = f"Send {rule.words}, as text."
        super().__init__(
            rf"\A({rule.pattern})\Z",
            required=False,
            allow_null=True,
            trim_whitespace=False,
            error_messages={"invalid": allowed, "blank": allowed},
            help_text=f"{rule.words}; the same for every card",
        )

    def to_internal_value(self, data: Any) -> str:
        """Refuse numbers: one that begins with zeros would lose them."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class FixedValuesSerializer(StrictSerializer):
    """What an order may fix for all its cards, each under the name of its field if it has one."""

    cvv = FixedTextField(_CVV)
    cardholder_name = FixedTextField(_CARDHOLDER_NAME)
    address = FixedTextField(ADDRESS)
    postcode = FixedTextField(POSTCODE)
    service_code = FixedTextField(SERVICE_CODE)
    pin_length = WholeNumberField(
        min_value=PIN_LENGTHS[0],
        max_value=PIN_LENGTHS[-1],
        required=False,
        error_messages=dict.fromkeys(("invalid", "null", "min_value", "max_value"), _PIN_LENGTH),
        help_text="digits of every PIN, ISO 9564-1",
    )

    @staticmethod
    def details(data: Mapping[str, Any]) -> Details:
        """The checked values around PAN, expiry, CVV and name."""
        names = ("address", "postcode", "service_code", "pin_length")
        given = {name: data.get(name) for name in names}
        return Details(**{name: value for name, value in given.items() if value is not None})
