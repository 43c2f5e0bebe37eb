"""Log lines that cannot show a card number."""

import logging
import re

# The shapes of a PAN (ISO/IEC 7812-1, 12 to 19 digits): one run, or the usual 4-4-4-4… and 4-6-4/5
# groups. A letter or dash before or after means an identifier, such as the tail of a UUID.
_PAN = re.compile(
    r"(?<![0-9A-Za-z-])"
    r"(?:[0-9]{12,19}"
    r"|[0-9]{4}(?:[ -][0-9]{4}){2,3}(?:[ -]?[0-9]{1,7})?"
    r"|[0-9]{4}[ -][0-9]{6}[ -][0-9]{4,5})"
    r"(?![0-9A-Za-z-])"
)

LISTENS = "The web process takes connections."
"""What a web process writes on its standard output; `make run` waits for it."""


class MaskingFormatter(logging.Formatter):
    """Formats as usual, then masks whatever looks like a PAN, in tracebacks too.

    The last line of defence: no code of ours logs a PAN, but a library's error may quote one.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line with every PAN-shaped number replaced."""
        return _PAN.sub("[PAN masked]", super().format(record))
