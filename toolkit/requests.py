"""Requests about numbers, checked before anything looks at a number.

No message quotes what was sent: it may be a real card number.
"""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, ClassVar, NoReturn

from django.http import QueryDict
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from toolkit.near import did_you_mean
from toolkit.refusals import Mistake
from toolkit.signs import plain

MAX_NUMBERS = 10_000
MAX_DIGITS = 32
PLACE = "which of the numbers that were sent, from 0: answers do not repeat a number"
_MAX_CHARACTERS = 64
_SHOWN_ERRORS = 10
_SHORTEST_PAN = 12
_SEPARATORS = str.maketrans("", "", " -")
_NUMBER = re.compile(rf"[0-9]{{1,{MAX_DIGITS}}}")
_LIKE_A_PAN = re.compile(r"[0-9](?:[ -]?[0-9]){8,}")


class PanInUrl(Mistake):
    """A card number stands in the URL, where proxies and logs keep it."""

    code = "pan_in_url"


class InvalidRequest(serializers.ValidationError):
    """A body that is not valid; `also` is what would be refused of the rest: pointer, detail, code.

    It is for people who would else mend the body only to be refused for something else.
    """

    def __init__(self, detail: Any, *, also: list[dict[str, str]]) -> None:
        """Keep both."""
        super().__init__(detail)
        self.also = also


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know: a misspelt filter must not be ignored in silence."""

    def get_fields(self) -> dict[str, Any]:
        """Make only the fields that matter: an order names 2 of 20, and each takes its time."""
        data = getattr(self, "initial_data", None)
        if not isinstance(data, dict):
            return super().get_fields()
        return {
            name: deepcopy(field)
            for name, field in self._declared_fields.items()
            if name in data or field.required or field.default is not serializers.empty
        }

    def to_internal_value(self, data: Any) -> Any:
        """Check the names and the values; a wrong name does not hide a wrong value."""
        errors: dict[str, Any] = self._unknown(data)
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            errors |= serializers.as_serializer_error(error)
        if errors:
            raise serializers.ValidationError(errors)
        return values

    def _unknown(self, data: Any) -> dict[str, Any]:
        known = self._declared_fields
        unknown = sorted(set(map(str, data)) - set(known)) if isinstance(data, dict) else []
        allowed = f"Allowed: {', '.join(known)}."
        return {
            name: f"Unknown field.{did_you_mean(name, known)} {allowed}"
            for name in unknown[:_SHOWN_ERRORS]
        }


@extend_schema_field(
    {
        "type": "array",
        "items": {
            "type": "string",
            "minLength": 1,
            "maxLength": _MAX_CHARACTERS,
            "description": f"1 to {MAX_DIGITS} digits; spaces and dashes may be between them",
        },
        "minItems": 1,
        "maxItems": MAX_NUMBERS,
    }
)
class NumbersField(serializers.Field[Any, Any, Any, Any]):
    """1 to 10,000 numbers as text; spaces and dashes are taken out.

    Not a `ListField`: one object and one validator chain per number takes longer than the answer.
    """

    def to_internal_value(self, data: Any) -> list[str]:
        """Return the digits of each number, in the order sent."""
        if not isinstance(data, list) or not data:
            raise serializers.ValidationError("Send a list of one or more numbers, as text.")
        if len(data) > MAX_NUMBERS:
            raise serializers.ValidationError(
                f"At most {MAX_NUMBERS:,} numbers in one request; {len(data):,} were sent. Send the"
                " rest in others."
            )
        numbers = [digits_of(item) for item in data]
        if None in numbers:
            raise serializers.ValidationError(_errors(numbers))
        return [number for number in numbers if number]

    def to_representation(self, value: Any) -> Any:
        """Numbers are only read."""
        return value


class NumbersSerializer(StrictSerializer):
    """Numbers to look at. They are neither logged nor stored."""

    numbers = NumbersField()


def digits_of(text: Any) -> str | None:
    """Take spaces and dashes (`toolkit.signs`) out of a number.

    None if it is not text, too long, or has other characters.
    """
    if not isinstance(text, str) or len(text) > _MAX_CHARACTERS:
        return None
    digits = plain(text).translate(_SEPARATORS)
    return digits if _NUMBER.fullmatch(digits) else None


def looks_like_a_pan(text: str) -> bool:
    """Tell whether more than eight digits stand in a row: at most a part of a card number."""
    return _LIKE_A_PAN.search(plain(text)) is not None


def refuse_pans(query: QueryDict, *, found: Callable[[str], bool] = looks_like_a_pan) -> None:
    """Check that nothing in a query string looks like a card number.

    :param found: tells whether one stands in a name or a value
    :raises PanInUrl: if one does
    """
    texts = (text for name, values in query.lists() for text in (name, *values))
    if any(map(found, texts)):
        raise PanInUrl(
            "The query looks like it holds a card number, and URLs end up in logs. Send numbers in"
            ' the body: POST /api/v1/test-cards/lookup {"numbers": [...]}.',
            lookup="/api/v1/test-cards/lookup",
        )


def refuse_wrong(wrong: Mapping[str, str]) -> None:
    """Let a query pass in whose filters nothing is wrong.

    :param wrong: what is, by the parameter; empty: nothing
    :raises ValidationError: if something is
    """
    if errors := {name: text for name, text in wrong.items() if text}:
        raise serializers.ValidationError(errors)


def _errors(numbers: list[str | None]) -> dict[str, list[str]]:
    message = (
        f"Send 1 to {MAX_DIGITS} digits 0 to 9 as text; spaces and dashes may be between them."
    )
    wrong = [place for place, number in enumerate(numbers) if number is None]
    return {str(place): [message] for place in wrong[:_SHOWN_ERRORS]}


class ChoiceField(serializers.ChoiceField):
    """One of a few words; a wrong one is answered with all of them, and with the one meant."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid_choice": "That is none of the choices.{meant} Choose one of {choices}."
    }

    def fail(self, key: str, **kwargs: Any) -> NoReturn:
        """Say what there is to choose from."""
        names = [*map(str, self.choices)]
        meant = did_you_mean(str(kwargs.get("input", "")), names)
        super().fail(key, choices=", ".join(names), meant=meant, **kwargs)


class WholeNumberField(serializers.IntegerField):
    """A JSON integer: not a string, not true, not 5.0."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": "Send a whole number, without quotes."
    }

    def to_internal_value(self, data: Any) -> int:
        """Refuse what only looks like an integer."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class PlainNumberField(serializers.IntegerField):
    """A whole number in ASCII digits, too short for a card number.

    `int` would take other scripts' digits too, and a longer number would get into SQL text.
    """

    def to_internal_value(self, data: Any) -> int:
        """Refuse what is not written in at most eleven of the digits 0 to 9."""
        text = str(data)
        if not (text.isascii() and text.isdigit() and len(text) < _SHORTEST_PAN):
            raise serializers.ValidationError("Send a whole number in at most 11 digits 0 to 9.")
        return super().to_internal_value(data)
