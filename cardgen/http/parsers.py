"""JSON bodies."""

from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class BoundedJsonParser(JSONParser):
    """JSON (RFC 8259) that is not nested beyond what Python can follow."""

    def parse(self, *arguments: Any, **options: Any) -> Any:
        """Return the value; ParseError if it is not JSON or nested too deeply."""
        try:
            return super().parse(*arguments, **options)
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None
