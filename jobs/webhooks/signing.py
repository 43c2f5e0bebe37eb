"""Secrets of webhooks: kept encrypted, used to sign."""

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from generation.kernel.keys import hkdf

_PURPOSE = "cardgen/1/webhook secrets"
SECRET_BYTES = 32


class SecretUnreadable(Exception):
    """The secret was encrypted under another master key."""


def new_secret() -> str:
    """Draw a secret: 64 hexadecimal digits."""
    return secrets.token_hex(SECRET_BYTES)


def seal(secret: str) -> str:
    """Encrypt a secret under a key from the master key (Fernet: AES-128-CBC, HMAC-SHA256)."""
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt what `seal` returned.

    :raises SecretUnreadable: under another master key, or if the text was changed
    """
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SecretUnreadable from None


def signature(secret: str, *, body: bytes, at: int) -> str:
    """Return `t=UNIX,v1=HEX`: HMAC-SHA256 (RFC 2104) of "UNIX.body" under the secret's bytes."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={digest.hexdigest()}"


def _box() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hkdf(settings.CARDGEN_MASTER_KEY, info=_PURPOSE)))
