"""Triple DES (ANSI X9.52, two keys) over arrays of independent blocks, as card schemes still use.

Only ever for test values under test keys: DES protects nothing any more.
"""

import numpy as np
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from generation.kernel.digits import Rows

BLOCK_BYTES = 8


def encrypt_blocks(key: bytes, blocks: Rows) -> Rows:
    """Encrypt N x 8 bytes in ECB mode, all in one call.

    :param key: 16 bytes for triple DES with two keys, 8 bytes for single DES
    :raises ValueError: if the key has another length
    """
    if len(key) not in (8, 16):
        raise ValueError("a DES key must have 8 or 16 bytes")
    # EDE under three equal keys is single DES; two keys are used as A, B, A.
    encryptor = Cipher(TripleDES((key * 3)[:24]), modes.ECB()).encryptor()  # noqa: S305 # nosec B305
    output = encryptor.update(np.ascontiguousarray(blocks).data)
    return np.frombuffer(output, dtype=np.uint8).reshape(blocks.shape)


def with_odd_parity(key: bytes) -> bytes:
    """Set the lowest bit of each byte so that its ones are odd in number (FIPS 46-3)."""
    return bytes(byte & 0xFE | ~(byte >> 1).bit_count() & 1 for byte in key)


def check_value(key: bytes) -> str:
    """Give the key check value (ANSI X9.24-1): three bytes of the encrypted zero block, in hex."""
    zeros = np.zeros((1, BLOCK_BYTES), dtype=np.uint8)
    return encrypt_blocks(key, zeros).tobytes()[:3].hex().upper()
