"""FF1 format-preserving encryption, NIST SP 800-38G, radix 10, for 2 to 10 digits.

A round function sees only one half of the number, and a half of up to five digits has at most
10^5 values. So all ten rounds are tabulated in ONE AES call, and a number costs ten look-ups.
"""

import numpy as np
from numpy.typing import NDArray

from generation.kernel.aes import BLOCK_BYTES, encrypt_blocks
from generation.kernel.feistel import ROUNDS, Half, Halves, decrypt, encrypt


class Ff1:
    """FF1 under one key and one tweak; immutable, so threads may share it.

    :raises ValueError: unless `digits` is 2 to 10 and the key has 16, 24 or 32 bytes
    """

    __slots__ = ("_halves", "_tables")

    def __init__(self, key: bytes, *, digits: int, tweak: bytes) -> None:
        self._halves = Halves(digits)
        self._tables = tuple(_round_tables(key, halves=self._halves, tweak=tweak))

    def encrypt(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """Permute N numbers within [0, 10^digits) (SP 800-38G algorithm 7).

        :raises ValueError: if a number is outside
        """
        return encrypt(values, halves=self._halves, round_function=self._round)

    def decrypt(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """Undo `encrypt` (SP 800-38G algorithm 8).

        :raises ValueError: if a number is outside [0, 10^digits)
        """
        return decrypt(values, halves=self._halves, round_function=self._round)

    def _round(self, number: int, half: Half) -> Half:
        # Halves are below the table's size by construction; "clip" saves the check.
        values: Half = self._tables[number].take(half, mode="clip")
        return values


class Ff1PerRow:
    """FF1 under one key with a four-byte tweak per number: ten AES calls for all N of them.

    For numbers scattered over many tweaks, where building each one's tables would cost more.

    :param tweaks: N tweaks, each standing for its four bytes, most significant first
    :raises ValueError: unless `digits` is 2 to 10 and the key has 16, 24 or 32 bytes
    """

    __slots__ = ("_blocks", "_halves", "_key")

    def __init__(self, key: bytes, *, digits: int, tweaks: NDArray[np.int64]) -> None:
        self._key = key
        self._halves = Halves(digits)
        high, low = _mac_state(key, halves=self._halves, tweak=bytes(4))
        # Four bytes of tweak, padding, round and half fit into one block: the tweak leads it.
        self._blocks = (tweaks.astype(np.uint64) << np.uint64(32)) ^ np.uint64(high), low

    def encrypt(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """Permute N numbers within [0, 10^digits), each under its own tweak.

        :raises ValueError: if a number is outside
        """
        return encrypt(values, halves=self._halves, round_function=self._round)

    def decrypt(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """Undo `encrypt`.

        :raises ValueError: if a number is outside [0, 10^digits)
        """
        return decrypt(values, halves=self._halves, round_function=self._round)

    def _round(self, number: int, half: Half) -> Half:
        high, low = self._blocks
        shifted = low ^ (number << 8 * self._halves.number_bytes)
        numbers = _prf(self._key, high=high, low=half.astype(np.uint64) ^ np.uint64(shifted))
        values: Half = (numbers % self._halves.moduli[number]).astype(self._halves.dtype)
        return values


def _round_tables(key: bytes, *, halves: Halves, tweak: bytes) -> Half:
    """Tabulate every round: 10 x 10^v values below the round's modulus."""
    high, low = _mac_state(key, halves=halves, tweak=tweak)
    values = np.arange(halves.right_modulus, dtype=np.uint64) ^ np.uint64(low)
    rounds = np.arange(ROUNDS, dtype=np.uint64) << np.uint64(8 * halves.number_bytes)
    blocks = rounds[:, np.newaxis] ^ values
    moduli = np.array(halves.moduli, dtype=np.uint64)[:, np.newaxis]
    tables: Half = (_prf(key, high=np.uint64(high), low=blocks) % moduli).astype(halves.dtype)
    tables.setflags(write=False)
    return tables


def _prf(
    key: bytes, *, high: NDArray[np.uint64] | np.uint64, low: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """Encrypt the last block; give d = 8 bytes of it, as for every number of up to 10 digits."""
    blocks = np.empty((*low.shape, 2), dtype=">u8")
    blocks[..., 0] = high
    blocks[..., 1] = low
    return encrypt_blocks(key, blocks)[..., 0].astype(np.uint64)


def _mac_state(key: bytes, *, halves: Halves, tweak: bytes) -> tuple[int, int]:
    """Run the CBC-MAC of SP 800-38G over all that no round changes, up to the last block.

    :returns: high and low 64 bits of that block, to be XORed with round and half at its end
    """
    fixed = bytes([1, 2, 1, 0, 0, 10, 10, halves.left_digits])
    fixed += halves.digits.to_bytes(4, "big") + len(tweak).to_bytes(4, "big")
    variable = 1 + halves.number_bytes
    message = fixed + tweak + bytes(-(len(tweak) + variable) % BLOCK_BYTES + variable)
    blocks = np.frombuffer(message, dtype=">u8").reshape(-1, 2)
    state = blocks[:1]
    for block in blocks[1:]:
        state = encrypt_blocks(key, state) ^ block
    return int(state[0, 0]), int(state[0, 1])
