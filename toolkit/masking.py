r"""Text that may be logged: card numbers, keys and passwords hidden, however they were written.

Numbers are found as `scan` finds them, with escapes undone (`toolkit.texts`), but with less mercy:
`x4111…`, `4111…D2908…` and `41111111  11111111` are hidden too, with or without a check digit, in
a registered range or not. Only UUIDs and long hexadecimal words stay as they are.
"""

import re
from collections.abc import Iterator

import numpy as np

from toolkit.texts.characters import in_bytes
from toolkit.texts.readings import Reading, read

NUMBER, KEY, SECRET = "[PAN masked]", "[key masked]", "[masked]"
_SHORTEST = 12
"""Digits of a PAN (ISO/IEC 7812-1)."""
_NO_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
_SHAPES = re.compile(
    rb"[0-9]{4}(?:\.[0-9]{3,6}){2,4}"
    rb"|[0-9]{4,}(?:(?:[ \t]{1,3}|-)[0-9]{4,})*(?:(?:[ \t]{1,3}|-)[0-9]{1,3}(?![0-9]))?"
)
_IDENTIFIERS = re.compile(
    rb"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
    rb"|(?=[0-9]*[A-Fa-f])[0-9A-Fa-f]{32,})(?![0-9A-Za-z])"
)
_MARKS = re.compile(r"[\\%&=#+\0\x1b]")
_KEYS = re.compile(r"\b(?:cg|whsec)_[A-Za-z0-9_+/=-]{8,}")
_IN_URL = re.compile(r"(://[^\s:@/]*:)\S+@")
_NAMED = re.compile(
    r"(\b(?:password|passwd|secret|secret_key|master_key|api_key|x-api-key|sessionid|csrftoken"
    r"|csrfmiddlewaretoken|cvv2?|cvc2?|pin|pvv)[\"']?\s*[:=]\s*[\"']?"
    r"|\bauthorization[\"']?\s*[:=]\s*[\"']?(?:bearer|basic)\s+)(?!\[)[^\s\"'&;,)}\]]+",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """Hide what must not be logged; any other text comes back as it is."""
    text = _without_numbers(text)
    if "_" in text:
        text = _KEYS.sub(KEY, text)
    if "://" in text:
        text = _IN_URL.sub(rf"\1{SECRET}@", text)
    if "=" in text or ":" in text:
        text = _NAMED.sub(rf"\1{SECRET}", text)
    return text


def _without_numbers(text: str) -> str:
    plain = in_bytes(text)
    if len(plain.translate(None, _NO_DIGITS)) < _SHORTEST:
        return text
    escaped = not text.isascii() or _MARKS.search(text)
    reading = read(plain) if escaped else Reading(text=plain, gone=())
    for start, end in reversed(list(_numbers(reading.text))):
        first, last = reading.stood(np.array([start, end - 1])).tolist()
        text = f"{text[:first]}{NUMBER}{text[last + 1 :]}"
    return text


def _numbers(text: bytes) -> Iterator[tuple[int, int]]:
    """Find where numbers stand: twelve digits or more, in one run or in groups."""
    kept: list[tuple[int, int]] | None = None
    for found in _SHAPES.finditer(text):
        start, end = found.span()
        if len(found[0].translate(None, _NO_DIGITS)) < _SHORTEST:
            continue
        if kept is None:
            kept = [word.span() for word in _IDENTIFIERS.finditer(text)]
        if not any(first <= start and end <= last for first, last in kept):
            yield start, end
