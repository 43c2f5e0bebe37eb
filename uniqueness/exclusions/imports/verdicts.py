"""What a line of a file is, and how that is told."""

from enum import IntEnum

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
}
"""Lines that should hold a number and do not."""

Candidates = tuple[list[bytes], dict[int, LineVerdict]]
"""One text per line that should be a number, and what is known of lines that have none."""


def too_long(lines: list[bytes]) -> dict[int, LineVerdict]:
    """Mark the lines that are too long to be looked at."""
    return {
        place: LineVerdict.TOO_LONG for place, line in enumerate(lines) if len(line) > MOST_LINE
    }
