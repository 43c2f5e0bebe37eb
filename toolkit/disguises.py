"""Characters that make a text look like another, or that move the cursor of a terminal."""

import unicodedata

_MARKS_OF_DIRECTION = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_REPLACEMENT = "\ufffd"


def hides(character: str) -> bool:
    """Tell whether it makes a text look like another: a control, or a mark of direction (UAX 9)."""
    return unicodedata.category(character) == "Cc" or character in _MARKS_OF_DIRECTION


def shown(text: str) -> str:
    """Write a text on one line, with the replacement character for whatever `hides`."""
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(map(_shown, line))


def _shown(character: str) -> str:
    return _REPLACEMENT if hides(character) else character
