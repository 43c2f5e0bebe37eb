"""The manners of escaping that are known, and one layer of them undone.

`{"pan":"4929…"}` is logged as `{\\u0022pan\\u0022:\\u00224929…` or `%22pan%22%3A%224929…`: the
digits of the escape must not be taken for those of the number. Where an escape could itself be
digits of a number, it is undone only if what is around says so: `LIKE '%4929…'`, `pan=2221…` and
`USER\\3714…` stay as they are.
"""

import re
from html import unescape
from html.entities import html5

import numpy as np

from toolkit.signs import sign
from toolkit.texts.characters import PAD, byte_of
from toolkit.texts.escapes import BEFORE, BEHIND, Doubled, Fixed, Ragged

Match = re.Match[bytes]


def undo(text: bytes) -> tuple[bytes, bool]:
    """Undo one layer of escapes, as wide as before: the byte of each, then `PAD` bytes.

    :return: the text, and whether any escape stands for what may begin another one
    """
    marks = [mark for mark in _MANNERS if mark in text]
    if not marks:
        return text, False
    codes = np.frombuffer(bytearray(bytes(BEFORE) + text + bytes(BEHIND)), dtype=np.uint8)
    deeper = False
    for mark in marks:
        places = np.flatnonzero(codes == ord(mark))
        for manner in _MANNERS[mark]:
            deeper |= manner.undo(codes, places)
    return codes[BEFORE:-BEHIND].tobytes(), deeper


def undo_once(text: bytes) -> bytes:
    """Undo what counts only as it stands, before anything else is undone.

    That are the spaces of a query string, `my+card+4929+1234`, and the zero bytes of a number in
    UTF-16 or UTF-32 within other data.
    """
    if b"+" in text:
        text = _PLUS.sub(b" ", text)
    if b"\0" in text:
        text = _WIDE.sub(lambda found: found[0].replace(b"\0", PAD), text)
    return text


def join(text: bytes) -> bytes:
    """Put characters together whose bytes were escaped one by one: UTF-8, or else Windows-1252."""
    return text if text.isascii() else _BYTES.sub(_joined, text)


def _joined(found: Match) -> bytes:
    encoding = "utf-8" if len(found[0]) > 1 else "cp1252"
    return byte_of(found[0].decode(encoding, "replace")[0]).ljust(len(found[0]), PAD)


def _entity(found: Match) -> bytes:
    text = unescape(found[0].decode())
    return byte_of(text) if len(text) == 1 else b"?"


def _braced(found: Match) -> bytes:
    return byte_of(chr(min(int(found[1], 16), 0x10FFFF)))


# Telephone numbers begin with a plus, and with nothing before it.
_PLUS = re.compile(rb"\+(?:(?<=[0-9A-Za-z]\+)|(?<=%[0-9A-Fa-f]{2}\+))(?=[0-9])")
_WIDE = re.compile(rb"[0-9 -]\0(?:(?:[0-9 -]\0){10,}[0-9]|\0\0(?:[0-9 -]\0\0\0){10,}[0-9])")
_BYTES = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[\x80-\xff]"
)
_NAMES = [
    name
    for name, text in html5.items()
    if name.endswith(";") and len(text) == 1 and sign(text) != text
]
"""Spaces, dashes and what nobody sees, by their names in HTML."""
_BEGINNINGS = sorted({name[:3].encode() for name in _NAMES})
_NAMED = re.compile(f"&(?:{'|'.join(_NAMES)})".encode())
_NESTED = re.compile(rb"&amp;(?=#|[A-Za-z]+;)")
_NUMBERED = re.compile(rb"&#(?:[0-9]{1,7}|[xX][0-9A-Fa-f]{1,6});")
_SOFT_BREAK = re.compile(rb"(?<=[0-9 -])=\r?\n(?=[0-9 -])")

_SIGNS = {*range(0x3A, 0x40), *range(0x5B, 0x60), *range(0x7B, 0x7F)}
_MANNERS: dict[bytes, tuple[Doubled | Fixed | Ragged, ...]] = {
    # JSON, Java, C, Python, nginx, PostgreSQL. Other letters than these are no hexadecimal digits.
    b"\\": (
        Doubled(mark=b"\\", before=b"uUx0123"),
        Fixed(lead=b"\\u", digits=4, points=True),
        Fixed(lead=b"\\U", digits=8, points=True),
        Fixed(lead=b"\\x", digits=2),
        Fixed(lead=b"\\", digits=3, base=8, safe={*range(0o100), 0o134}),
        *(Fixed(lead=b"\\" + bytes([letter]), digits=0) for letter in b"abef"),
        Ragged(lead=b"\\u{", pattern=re.compile(rb"\\u\{([0-9A-Fa-f]{1,6})\}"), means=_braced),
    ),
    # URLs (RFC 3986), old scripts.
    b"%": (
        Fixed(lead=b"%", digits=2, safe={9, 10, 13, *range(0x20, 0x30), *_SIGNS, 0xA0}),
        Fixed(lead=b"%u", digits=4, points=True),
    ),
    # HTML, XML.
    b"&": (
        Ragged(lead=b"&#", pattern=_NUMBERED, means=_entity),
        Ragged(lead=b"&", then=_BEGINNINGS, pattern=_NAMED, means=_entity),
        Ragged(lead=b"&amp;#", pattern=_NESTED, means=lambda _: b"&"),
        Ragged(lead=b"&amp;", then=[b"amp", *_BEGINNINGS], pattern=_NESTED, means=lambda _: b"&"),
    ),
    # Mail: quoted-printable (RFC 2045).
    b"=": (
        Fixed(
            lead=b"=",
            digits=2,
            safe={*range(0x0A, 0x10), *range(0x2A, 0x30), *_SIGNS},
            doubtful={0x09, 0x20, 0x22, 0x27, 0x28},
            lower_case=False,
        ),
        Ragged(lead=b"=\n", pattern=_SOFT_BREAK, means=lambda _: b""),
        Ragged(lead=b"=\r", pattern=_SOFT_BREAK, means=lambda _: b""),
    ),
    # Syslog daemons.
    b"#": (Fixed(lead=b"#", digits=3, base=8, safe=range(1, 0o40)),),
    # Colours of terminals (ECMA-48).
    b"\x1b": (
        Ragged(lead=b"\x1b[", pattern=re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]"), means=lambda _: b""),
    ),
}
