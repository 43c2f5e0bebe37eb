"""Files of numbers for the tests."""

from io import BytesIO
from typing import Any

from tests.support.slots import pans
from toolkit.reading import Readable
from uniqueness.exclusions.imports.forms import FileForm
from uniqueness.exclusions.imports.importing import Request, import_numbers
from uniqueness.exclusions.imports.report import Report

OUTSIDE = "5999990000000004"
"""A number in no range, which nobody publishes."""


def text_of(*lines: str) -> bytes:
    """A file of these lines."""
    return "".join(f"{line}\n" for line in lines).encode()


def bring_in(content: bytes, **changes: Any) -> Report:
    """Import a file's content."""
    return import_stream(BytesIO(content), **changes)


def import_stream(stream: Readable, **changes: Any) -> Report:
    """Import what can be read."""
    request = {"form": FileForm.PLAIN, "source": "a test", "actor": "me"} | changes
    return import_numbers(stream, request=Request(**request))


def numbers_of(issuer_range, *slots: int) -> list[str]:
    """The range's numbers in these slots."""
    return pans(issuer_range, *slots)
