"""Which part of a result, in which form: the query of a download."""

from typing import Any

from rest_framework import serializers

from generation.fields import FIELDS
from jobs.results.forms import FORMS
from jobs.results.text_forms import DELIMITERS, TEXT_FORMS


class FieldsField(serializers.Field[Any, Any, Any, Any]):
    """Names of fields, separated by commas."""

    def to_internal_value(self, data: Any) -> tuple[str, ...]:
        """Return the names in the order asked."""
        return checked_fields(str(data).split(","))

    def to_representation(self, value: Any) -> Any:
        """Fields are only read."""
        return value


class FileQuery(serializers.Serializer[Any]):
    """What a file shows."""

    fields = FieldsField(required=False)  # type: ignore[assignment]  # DRF takes it off the class
    delimiter = serializers.ChoiceField(choices=list(DELIMITERS), default="comma")


class ResultQuery(FileQuery):
    """Query of a result."""

    format = serializers.ChoiceField(choices=["json", *FORMS], default="json")
    limit = serializers.IntegerField(min_value=1, max_value=10_000, default=1_000)
    after = serializers.CharField(default="", max_length=64)


class SumQuery(FileQuery):
    """Query of a checksum: of forms that are the same bytes each time they are made."""

    format = serializers.ChoiceField(choices=list(TEXT_FORMS), default="csv")


def checked_fields(names: list[str]) -> tuple[str, ...]:
    """Let known field names through, each once; ValidationError with the known ones otherwise."""
    unknown = [name for name in names if name not in FIELDS]
    if unknown or not names:
        raise serializers.ValidationError(f"Known fields: {', '.join(FIELDS)}.")
    if len(set(names)) != len(names):
        raise serializers.ValidationError("Name each field once.")
    return tuple(names)
