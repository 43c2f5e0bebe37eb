"""How an API key is written: `cg_`, 43 random characters, 6 that check them.

What is no such text is refused without asking the database: typing errors, and what scanners try.
"""

import base64
import hashlib
import re
import secrets
import zlib
from collections.abc import Mapping

_PREFIX = "cg_"
_SHOWN = 11
_RANDOM_BYTES = 32
_RANDOM = 43  # characters
_WHOLE = len(_PREFIX) + _RANDOM + 6
_FORM = re.compile(r"cg_[A-Za-z0-9_-]{43}(?:[A-Za-z0-9_-]{6})?")
_BEARER = "bearer "


def new_key() -> str:
    """Return a new key (256 random bits)."""
    text = secrets.token_urlsafe(_RANDOM_BYTES)
    return f"{_PREFIX}{text}{_check(text)}"


def prefix_of(key: str) -> str:
    """Return the first characters, by which people recognise a key."""
    return key[:_SHOWN]


def digest_of(key: str) -> str:
    """Return what is kept of a key; 256 random bits need no slow password hash."""
    return hashlib.sha256(key.encode()).hexdigest()


def is_plausible(key: str) -> bool:
    """Tell whether it is written like a key. The first ones had no check characters."""
    if not _FORM.fullmatch(key):
        return False
    text, check = key[len(_PREFIX) :][:_RANDOM], key[len(_PREFIX) + _RANDOM :]
    return not check or check == _check(text)


def is_new(key: str) -> bool:
    """Tell whether it is written as `new_key` writes one, with its check characters."""
    return is_plausible(key) and len(key) == _WHOLE


def key_sent(headers: Mapping[str, str]) -> str | None:
    """Take the key out of `Authorization: Bearer KEY` (RFC 6750) or `X-API-Key: KEY`.

    :param headers: by name, in lower case unless they take any case
    """
    header = headers.get("authorization", "")
    if header.lower().startswith(_BEARER):
        return header[len(_BEARER) :].strip()
    return headers.get("x-api-key")


def _check(text: str) -> str:
    """Return CRC-32 (ISO 3309), in base64url."""
    code = zlib.crc32(text.encode()).to_bytes(4, "big")
    return base64.urlsafe_b64encode(code).decode().rstrip("=")
