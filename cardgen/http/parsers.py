"""JSON bodies."""

from collections.abc import Mapping
from json import JSONDecodeError
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.utils import json


class NameTwice(ValueError):
    """An object has a name twice: which value is meant, readers of JSON disagree (RFC 8259)."""


class BoundedJsonParser(JSONParser):
    """JSON (RFC 8259, in UTF-8) that reads one way, nested no deeper than Python can follow."""

    def parse(
        self, stream: Any, media_type: Any = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the value; ParseError if it is no such JSON."""
        try:
            return json.loads(stream.read().decode(), object_pairs_hook=_named_once)
        except ValueError as error:
            raise ParseError(_told(error)) from None
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its members.

    :raises NameTwice: if two have the same name
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NameTwice
    return found


def _told(error: Exception) -> str:
    """Say where it stops being JSON, never what stands there."""
    if isinstance(error, NameTwice):
        return "An object of the body has the same name twice: leave one out."
    if not isinstance(error, JSONDecodeError):
        return "The body is no JSON in UTF-8."
    return f"The body is no JSON: see line {error.lineno}, column {error.colno}."
