"""Keyed pseudonyms of PANs, for places where a PAN must not stand.

A token is one AES-256 block (FIPS 197): the PAN's length in the high 8 bytes, its value as a number
in the low 8 (19 digits fit into 64 bits), under a key derived from the master key.

That is a permutation, where a one-way hash might be expected. Nothing is lost: numbers of 19 digits
can be enumerated, so that whoever has the key of a keyed hash can invert it too, and for
whoever has not, AES is as good as random. What is won: tokens never collide, a million of them are
one AES call, and a caller who must not send PANs can send tokens (32 hexadecimal digits), which
`pans_of` turns back.
"""

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

from generation.kernel import digits
from generation.kernel.aes import encrypt_blocks
from uniqueness.cache.keys import cache_keys

LONGEST_PAN = 19
Tokens = NDArray[np.void]  # N x V16

_POWERS = np.array([10**length for length in range(LONGEST_PAN + 1)], dtype=np.uint64)
_ZERO = np.uint8(ord("0"))


def tokens(pans: NDArray[np.bytes_], *, key: bytes | None = None) -> Tokens:
    """Give N PANs (ASCII, 1 to 19 digits) their tokens (dtype V16).

    :param key: 32 bytes; that of the cache if absent
    :raises ValueError: if any is empty, longer or not made of digits; does not quote it
    """
    blocks = encrypt_blocks(key or cache_keys().token, _blocks(pans))
    return blocks.view("V16").reshape(len(pans))


def pans_of(tokens: Tokens, *, key: bytes | None = None) -> NDArray[np.bytes_]:
    """Turn N tokens back into PANs (dtype S19); an empty one where it is no token of ours."""
    # ECB of single, distinct blocks is the block cipher itself.
    cipher = Cipher(algorithms.AES(key or cache_keys().token), modes.ECB())  # noqa: S305 # nosec B305
    decryptor = cipher.decryptor()
    plain = np.frombuffer(decryptor.update(tokens.tobytes()), dtype=">u8").reshape(-1, 2)
    lengths, values = plain[:, 0].astype(np.uint64), plain[:, 1].astype(np.uint64)
    known = (lengths >= 1) & (lengths <= LONGEST_PAN)
    lengths = np.where(known, lengths, 0).astype(np.int64)
    known &= values < _POWERS.take(lengths)
    return _spell(np.where(known, values, 0).astype(np.uint64), np.where(known, lengths, 0))


def _blocks(pans: NDArray[np.bytes_]) -> NDArray[np.uint64]:
    texts = digits.rows(pans)
    lengths = np.count_nonzero(texts, axis=1)
    if len(pans) and not 1 <= lengths.min() <= lengths.max() <= LONGEST_PAN:
        raise ValueError(f"a number must have 1 to {LONGEST_PAN} digits")
    inside = np.arange(texts.shape[1]) < lengths[:, np.newaxis]
    if ((texts - _ZERO <= 9) != inside).any():
        raise ValueError("a number must be made of ASCII digits")
    return np.stack([lengths.astype(np.uint64), pans.astype(np.uint64)], axis=1)


def _spell(values: NDArray[np.uint64], lengths: NDArray[np.int64]) -> NDArray[np.bytes_]:
    # Two halves, for 19 digits do not fit into a signed integer.
    high, low = np.divmod(values, np.uint64(10**10))
    texts = digits.join(
        digits.spell(high.astype(np.int64), digits=LONGEST_PAN - 10),
        digits.spell(low.astype(np.int64), digits=10),
        count=len(values),
    )
    places = np.arange(LONGEST_PAN) + (LONGEST_PAN - lengths[:, np.newaxis])
    picked = np.take_along_axis(texts, np.minimum(places, LONGEST_PAN - 1), axis=1)
    return digits.column(np.where(places < LONGEST_PAN, picked, 0).astype(np.uint8))
