"""Our own words for what a request has wrong, in place of the framework's: what to send."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

_WHOLE_NUMBER = "Send a whole number."
_BOUNDS = {"max_value": "At most {max_value}.", "min_value": "At least {min_value}."}
_TOO_LONG = {"max_string_length": "The number is too long."}
_LIST = {
    "not_a_list": "Send a list.",
    "empty": "The list may not be empty.",
    "min_length": "The list needs at least {min_length} entries.",
    "max_length": "The list may have at most {max_length} entries.",
}
WORDS: Mapping[Any, Mapping[str, str]] = {
    serializers.Field: {"required": "This is needed.", "null": "This may not be null."},
    serializers.BooleanField: {"invalid": "Send true or false."},
    serializers.CharField: {
        "invalid": "Send text, in quotes.",
        "blank": "This may not be empty.",
        "max_length": "At most {max_length} characters.",
        "min_length": "At least {min_length} characters.",
    },
    serializers.RegexField: {"invalid": "This is not written as it must be."},
    serializers.URLField: {"invalid": "Send a URL: https://host/path."},
    serializers.UUIDField: {"invalid": "Send an id such as 3f0c6b1e-8a44-4f7e-9f6d-0d5a7b1c2e3f."},
    serializers.IntegerField: {"invalid": _WHOLE_NUMBER, **_BOUNDS, **_TOO_LONG},
    serializers.FloatField: {
        "invalid": "Send a number.",
        "overflow": "The number is too large.",
        **_BOUNDS,
        **_TOO_LONG,
    },
    serializers.DateTimeField: {
        "invalid": "Send a moment such as 2026-12-31T23:59:00Z (RFC 3339).",
        "date": "Send a moment such as 2026-12-31T23:59:00Z, not a day.",
        "make_aware": "There is no such moment in this time zone.",
        "overflow": "The moment is out of range.",
    },
    serializers.DateField: {
        "invalid": "Send a day such as 2026-12-31.",
        "datetime": "Send a day such as 2026-12-31, not a moment.",
    },
    serializers.ChoiceField: {"invalid_choice": "That is none of the choices."},
    serializers.ListField: _LIST,
    serializers.ListSerializer: _LIST,
    serializers.DictField: {
        "not_a_dict": "Send an object: {{…}}.",
        "empty": "The object may not be empty.",
    },
    serializers.Serializer: {"invalid": "Send an object: {{…}}."},
}
"""By the field that says it, whose subclasses say it too."""


def say_ours() -> None:
    """Have all fields say it; call it once, when a process starts."""
    for field, words in WORDS.items():
        field.default_error_messages = {**field.default_error_messages, **words}
