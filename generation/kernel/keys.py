"""Keys of one issuer range, derived from the master key by HKDF (RFC 5869) with SHA-256."""

from dataclasses import dataclass, field

import numpy as np
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from generation.kernel.aes import encrypt_blocks

KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeKeys:
    """AES-256 keys of one range; neither is ever shown by `repr`.

    :raises ValueError: unless both keys have 32 bytes
    """

    permutation: bytes = field(repr=False)
    fields: bytes = field(repr=False)
    check_value: str

    def __post_init__(self) -> None:
        if not len(self.permutation) == len(self.fields) == KEY_BYTES:
            raise ValueError("range keys must have 32 bytes each")


def derive(master_key: bytes, *, iin: str, pan_length: int) -> RangeKeys:
    """Derive the keys of the range (IIN, PAN length) and their key check value.

    :raises ValueError: unless the master key has 32 bytes
    """
    if len(master_key) != KEY_BYTES:
        raise ValueError("the master key must have 32 bytes")
    target = f"{iin}/{pan_length}"
    return RangeKeys(
        permutation=_expand(master_key, purpose="permutation", target=target),
        fields=_expand(master_key, purpose="fields", target=target),
        check_value=_check_value(_expand(master_key, purpose="check value", target=target)),
    )


def hkdf(master_key: bytes, *, info: str, length: int = KEY_BYTES) -> bytes:
    """Derive `length` bytes for the purpose `info`: HKDF (RFC 5869), SHA-256, no salt."""
    derivation = HKDF(algorithm=SHA256(), length=length, salt=None, info=info.encode())
    return derivation.derive(master_key)


def _expand(master_key: bytes, *, purpose: str, target: str) -> bytes:
    return hkdf(master_key, info=f"cardgen/1/{purpose}/{target}")


def _check_value(key: bytes) -> str:
    """Give the customary KCV: the first three bytes of the encrypted zero block."""
    # A key of its own, so that the published value says nothing about the keys in use.
    return encrypt_blocks(key, np.zeros((1, 2), dtype=">u8")).tobytes()[:3].hex().upper()
