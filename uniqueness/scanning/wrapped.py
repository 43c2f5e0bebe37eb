"""Numbers within other data and URLs, made readable without moving what is around them much.

In data that do not begin like UTF-16 or UTF-32, a number may be written so: a zero byte or three
between its digits go. Of percent-encoded signs (RFC 3986) the digits must not be taken for those
of the number beside them.
"""

import re
from collections.abc import Iterator

from uniqueness.numbers import LINK

"""What an encoded space or dash becomes, as wide as it was."""

# One beginning for both: to look for two takes six times as long.
_WIDE = re.compile(rb"[0-9 -]\0(?:(?:[0-9 -]\0){10,}[0-9]|\0\0(?:[0-9 -]\0\0\0){10,}[0-9])")
# Not %B4…: magnetic stripes begin so. Not %40: Visa numbers behind a wildcard do.
_SIGN = rb"(?:0[9AaDd]|2[0-9A-Fa-f]|3[A-Fa-f]|5[B-Fb-f]|7[B-Eb-e])"
_ONCE, _OFTEN = re.compile(b"%" + _SIGN), re.compile(b"%(?:25)+" + _SIGN)
_LINKS = (b"%20", b"%2D", b"%2d")
_LONGEST = 160  # bytes of 19 digits and their separators in UTF-32, or of a sign encoded often
_UNFINISHED = b"0123456789 -\0"
_LONGEST_SIGN = 9


def readable(texts: Iterator[bytes]) -> Iterator[bytes]:
    """Rewrite a text that comes in pieces; lines stay, columns too but for zero bytes."""
    held = b""
    for text in texts:
        whole = held + text
        held = _unfinished(whole)
        yield _rewritten(whole[: len(whole) - len(held)])
    yield _rewritten(held)


def _unfinished(text: bytes) -> bytes:
    """Return the end that may go on in the next piece."""
    tail = text[-_LONGEST:]
    if b"\0" in tail:
        return tail[len(tail.rstrip(_UNFINISHED)) :]
    sign = tail.rfind(b"%", max(0, len(tail) - _LONGEST_SIGN))
    return tail[sign:] if sign >= 0 else b""


def _rewritten(text: bytes) -> bytes:
    if b"\0" in text:
        text = _WIDE.sub(lambda found: found[0].translate(None, b"\0"), text)
    if b"%25" in text:
        text = _OFTEN.sub(lambda found: b"%" * len(found[0]), text)
    if b"%" in text:
        for link in _LINKS:
            text = text.replace(link, LINK)
        text = _ONCE.sub(b"%%%", text)
    return text
