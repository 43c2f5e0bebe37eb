"""JSON bodies."""

from json import JSONDecodeError
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class BoundedJsonParser(JSONParser):
    """JSON (RFC 8259) that is not nested beyond what Python can follow."""

    def parse(self, *arguments: Any, **options: Any) -> Any:
        """Return the value; ParseError if it is not JSON or nested too deeply."""
        try:
            return super().parse(*arguments, **options)
        except ParseError as error:
            raise ParseError(_told(error.__cause__ or error.__context__)) from None
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None


def _told(error: BaseException | None) -> str:
    """Say where it stops being JSON, never what stands there."""
    if not isinstance(error, JSONDecodeError):
        return "The body is no JSON in UTF-8."
    return f"The body is no JSON: see line {error.lineno}, column {error.colno}."
