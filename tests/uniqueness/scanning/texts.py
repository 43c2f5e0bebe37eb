"""Texts to scan, and what is found in them, without the command around it."""

from io import BytesIO

from uniqueness.scanning import Hit, scan

UNKNOWN = "4929123456781236"
"""A Visa number in no range of the tests, as a real one could be."""
UNKNOWN_AMEX = "371449635398456"


def hits_in(text: bytes | str) -> list[Hit]:
    """Scan a text."""
    data = text.encode() if isinstance(text, str) else text
    return [hit for hits in scan(BytesIO(data)) for hit in hits]


def told(text: bytes | str) -> list[tuple[str, str]]:
    """State and digits of each number found."""
    return [(str(hit.finding.state), hit.number) for hit in hits_in(text)]


def numbers_in(text: bytes | str) -> list[str]:
    """The digits of each number found."""
    return [hit.number for hit in hits_in(text)]
