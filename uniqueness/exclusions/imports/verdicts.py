"""What a line of a file is, and how that is told."""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from toolkit.reading import MOST_LINE


class LineVerdict(IntEnum):
    """What a line is: the line of a number, one that needs none, or a bad one, in this order."""

    VALID = 0
    CHECK_DIGIT = 1
    ROUNDED = 2
    NO_SCHEME = 3
    TELEPHONE = 4
    DATE = 5
    BLANK = 6
    HEADER = 7
    CONTINUED = 8
    TOO_LONG = 9
    CHARACTERS = 10
    LENGTH = 11
    NO_NUMBER = 12
    QUOTE = 13
    NOT_JSON = 14
    NOT_TEXT = 15
    GROUPS = 16
    POWER_OF_TEN = 17
    NOT_SQL = 18


DOUBTS = {
    LineVerdict.CHECK_DIGIT: "the check digit is wrong",
    LineVerdict.ROUNDED: (
        "the check digit is wrong, and all digits behind the 15th are 0: a spreadsheet has"
        " probably rounded the numbers; set its column to text, and save the list once more"
    ),
    LineVerdict.NO_SCHEME: "no scheme has numbers that begin so and are so long",
    LineVerdict.TELEPHONE: "no card number begins with 0: is it a telephone number?",
    LineVerdict.DATE: "it looks like a date and a time",
}
"""Numbers that are taken, though they may be none."""

REASONS = {
    LineVerdict.TOO_LONG: "the line has more than 65,536 bytes",
    LineVerdict.CHARACTERS: "only digits, and spaces and dashes between them, make a number",
    LineVerdict.LENGTH: "a number has 12 to 19 digits",
    LineVerdict.NO_NUMBER: "the number's column is missing or empty",
    LineVerdict.QUOTE: "a quote is missing, or one too many is there",
    LineVerdict.NOT_JSON: "the line is not JSON",
    LineVerdict.NOT_TEXT: "send the number as a JSON text, alone or as pan, card_number or number",
    LineVerdict.GROUPS: (
        "groups between spaces and dashes have at most 8 digits: is it two numbers?"
    ),
    LineVerdict.POWER_OF_TEN: (
        "the number is written with a power of ten, and digits are lost: set the spreadsheet's"
        " column to text, and save the list once more"
    ),
    LineVerdict.NOT_SQL: "the values of a statement do not end as a dump writes them",
}
"""Lines that should hold a number and do not."""


class Candidates(NamedTuple):
    """One text per line, or record, that should be a number; `marks` tells of those with none.

    `details` is what else is on the card, its expiry and CVV, where the form tells it.
    """

    texts: list[bytes]
    marks: dict[int, LineVerdict]
    details: Sequence[bytes] = ()
    lines: Sequence[int] = ()
    """In which line each record begins, from 1; of none if each line is one."""


def too_long(lines: list[bytes]) -> dict[int, LineVerdict]:
    """Mark the lines that are too long to be looked at."""
    return {
        place: LineVerdict.TOO_LONG for place, line in enumerate(lines) if len(line) > MOST_LINE
    }
