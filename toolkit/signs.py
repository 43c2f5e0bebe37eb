"""Digits, and the spaces and dashes between them, as people and programs really write them.

One table for everybody who reads numbers: requests, commands, imports, scans. The stand-alone
`docs/bloom_reader.py` has a copy; a test keeps the two equal.
"""

import unicodedata

_SPACE, _DASH, _UNSEEN, _DIGIT = "Zs", "Pd", "Cf", "Nd"
_NOT_UTF8 = 0xDC00  # what the error handler "surrogateescape" adds to a byte (PEP 383)
# Unicode calls them a mathematical sign and a bullet; word processors write them for dashes.
_MORE_DASHES = "\u2212\u2043"


def plain(text: str) -> str:
    """Write spaces, dashes and digits of any alphabet in ASCII; leave out what nobody sees.

    A fullwidth four becomes `4`, a figure dash `-`, a zero-width space nothing. All others stay.
    The classes are those of Unicode: Zs, Pd, Nd and Cf (soft hyphens, marks of direction, …).
    """
    return text if text.isascii() else "".join(map(sign, text))


def sign(character: str) -> str:
    """Return a character's ASCII sign if it is a space, a dash or a digit, else itself.

    Empty for one that nobody sees. A byte that was no UTF-8 counts as Windows-1252.
    """
    if character.isascii():
        return character
    if _NOT_UTF8 + 0x80 <= ord(character) < _NOT_UTF8 + 0x100:
        character = bytes([ord(character) - _NOT_UTF8]).decode("cp1252", "replace")
    category = unicodedata.category(character)
    if category == _DIGIT:
        return str(unicodedata.decimal(character))
    if category == _DASH or character in _MORE_DASHES:
        return "-"
    return {_SPACE: " ", _UNSEEN: ""}.get(category, character)
