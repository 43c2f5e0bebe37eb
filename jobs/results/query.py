"""Which part of a result, in which form: the query of a download."""

import re
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from generation.fields import FIELDS
from jobs.results.forms import FORMS
from jobs.results.selections import Share
from jobs.results.text_forms import DELIMITERS, TEXT_FORMS
from toolkit.near import meant_by
from toolkit.requests import ChoiceField, PlainNumberField, StrictSerializer

PAGE, _MOST_OF_A_PAGE = 1_000, 10_000
_MOST = 100_000_000
_SHARE = re.compile("([1-9][0-9]{0,3})/([1-9][0-9]{0,3})")


@extend_schema_field(
    {
        "type": "string",
        "pattern": "^{0}(,{0})*$".format("(" + "|".join(FIELDS) + ")"),
        "example": "pan,expiry,cvv",
    }
)
class FieldsField(serializers.Field[Any, Any, Any, Any]):
    """Names of fields, separated by commas."""

    def to_internal_value(self, data: Any) -> tuple[str, ...]:
        """Return the names in the order asked."""
        return checked_fields(str(data).split(","))

    def to_representation(self, value: Any) -> Any:
        """Fields are only read."""
        return value


@extend_schema_field(
    {
        "type": "array",
        "items": {"type": "string", "enum": [*FIELDS]},
        "minItems": 1,
        "uniqueItems": True,
    }
)
class FieldListField(serializers.ListField):
    """Names of fields, as a list."""

    child = serializers.CharField(max_length=32)

    def to_internal_value(self, data: Any) -> list[str]:
        """Return the names in the order asked."""
        return [*checked_fields(super().to_internal_value(data))]


@extend_schema_field(
    {"type": "string", "pattern": "^[1-9][0-9]{0,3}/[1-9][0-9]{0,3}$", "example": "1/8"}
)
class ShareField(serializers.Field[Any, Any, Any, Any]):
    """Which share of how many: `3/8`."""

    def to_internal_value(self, data: Any) -> Share:
        """Return the share."""
        found = _SHARE.fullmatch(str(data))
        share = Share(number=int(found[1]), of=int(found[2])) if found else None
        if share is None or share.number > share.of:
            raise serializers.ValidationError(
                "Write which share of how many, such as 3/8: from 1 to as many as there are, 9,999"
                " at most."
            )
        return share

    def to_representation(self, value: Any) -> Any:
        """Shares are only read."""
        return value


class FileQuery(StrictSerializer):
    """What a file shows."""

    fields = FieldsField(  # type: ignore[assignment]  # DRF takes fields off the class
        required=False, help_text="names with commas between; those that were ordered if absent"
    )
    delimiter = ChoiceField(choices=list(DELIMITERS), default="comma", help_text="of CSV")


class ResultQuery(FileQuery):
    """Query of a result."""

    format = ChoiceField(
        choices=["json", *FORMS], default="json", help_text="json: a page; all else: a whole file"
    )
    limit = PlainNumberField(
        required=False,
        min_value=1,
        max_value=_MOST,
        help_text=(
            f"cards at most: in a JSON page 1 to {_MOST_OF_A_PAGE:,}, {PAGE:,} if absent; in a file"
            " all if absent"
        ),
    )
    seek = PlainNumberField(
        required=False,
        min_value=0,
        max_value=_MOST,
        help_text="begin with this card of the job, or of the share, counted from 0",
    )
    after = serializers.CharField(
        default="", max_length=64, help_text="from `next` of the page before"
    )
    shard = ShareField(
        required=False,
        help_text="`3/8`: the third of eight shares, which are disjoint, complete and as large",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Let one beginning pass, and a page of a size that is answered at once."""
        errors = {}
        if attrs["after"] and "seek" in attrs:
            errors["seek"] = "`after` says where to begin already: leave one of them out."
        if attrs["format"] == "json" and attrs.get("limit", PAGE) > _MOST_OF_A_PAGE:
            errors["limit"] = (
                f"A JSON page has {_MOST_OF_A_PAGE:,} cards at most. Go on by its `next`, or take a"
                " file: format=csv."
            )
        if errors:
            raise serializers.ValidationError(errors)
        return attrs


class SumQuery(FileQuery):
    """Query of a checksum: of forms that are the same bytes each time they are made."""

    format = ChoiceField(choices=list(TEXT_FORMS), default="csv", help_text="of the file")


def checked_fields(names: list[str]) -> tuple[str, ...]:
    """Let known field names through, each once; ValidationError with the known ones otherwise."""
    unknown = [name for name in names if name not in FIELDS]
    if unknown or not names:
        meant = meant_by(unknown, FIELDS)
        raise serializers.ValidationError(
            f"Name fields that there are.{meant} Known fields: {', '.join(FIELDS)}."
        )
    if len(set(names)) != len(names):
        raise serializers.ValidationError("Name each field once.")
    return tuple(names)
