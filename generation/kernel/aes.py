"""AES (FIPS 197) over arrays of independent blocks."""

from typing import Any

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

BLOCK_BYTES = 16


def encrypt_blocks(key: bytes, blocks: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Encrypt blocks given as their high and low 64 bits (last axis 2, either byte order).

    :returns: an array of the same shape, dtype ">u8"
    :raises ValueError: if the key has not 16, 24 or 32 bytes
    """
    # ECB is only ever a pseudorandom function of distinct inputs here; it hides no data.
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 # nosec B305
    size = blocks.size * 8
    # A buffer of our own: measured 8 times as fast as `update`, which returns fresh bytes.
    output = np.empty(size + BLOCK_BYTES, dtype=np.uint8)
    # NumPy's operators answer in native byte order, whatever they were given.
    encryptor.update_into(_bytes(np.ascontiguousarray(blocks, dtype=">u8")), _bytes(output))
    return output[:size].view(">u8").reshape(blocks.shape)


def _bytes(array: NDArray[Any]) -> memoryview:
    # Through uint8, for memoryview.cast refuses big-endian words and empty shapes.
    return array.view(np.uint8).ravel().data
