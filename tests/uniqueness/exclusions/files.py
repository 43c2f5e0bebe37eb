"""Files of numbers for the tests."""

from io import BytesIO
from typing import Any

from tests.support.actors import somebody
from tests.support.slots import pans
from toolkit.reading import Readable
from uniqueness.exclusions.imports.forms import ListForm
from uniqueness.exclusions.imports.importing import ImportRequest, import_numbers
from uniqueness.exclusions.imports.report import ImportReport

OUTSIDE = "5999990000000004"
"""A number in no range, which nobody publishes."""


def text_of(*lines: str) -> bytes:
    """A file of these lines."""
    return "".join(f"{line}\n" for line in lines).encode()


def bring_in(content: bytes, **changes: Any) -> ImportReport:
    """Import a file's content."""
    return import_stream(BytesIO(content), **changes)


def import_stream(stream: Readable, **changes: Any) -> ImportReport:
    """Import what can be read."""
    request = {"form": ListForm.PLAIN, "source": "a test", "actor": somebody()} | changes
    return import_numbers(stream, request=ImportRequest(**request))


def numbers_of(issuer_range, *slots: int) -> list[str]:
    """The range's numbers in these slots."""
    return pans(issuer_range, *slots)
