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
STANDARD = "whsec_"
"""How a secret begins that Standard Webhooks' libraries take."""


class SecretUnreadable(Exception):
    """The secret was encrypted under another master key."""


def new_secret() -> str:
    """Draw a secret of 32 bytes, as Standard Webhooks writes it: whsec_ and Base64."""
    return STANDARD + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """Return the bytes that sign after Standard Webhooks.

    :raises ValueError: if it begins with whsec_ and is no Base64 of 24 to 64 bytes
    """
    if not secret.startswith(STANDARD):
        return secret.encode()
    key = base64.b64decode(secret.removeprefix(STANDARD), validate=True)
    if not 24 <= len(key) <= 64:
        raise ValueError
    return key


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


def standard_signature(secret: str, *, message: str, body: bytes, at: int) -> str:
    """Return the header `webhook-signature` of Standard Webhooks 1.0: `v1,BASE64`."""
    signed = f"{message}.{at}.".encode() + body
    digest = hmac.new(key_of(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _box() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hkdf(settings.CARDGEN_MASTER_KEY, info=_PURPOSE)))
