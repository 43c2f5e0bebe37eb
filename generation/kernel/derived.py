"""The fields around a PAN: pure functions of (field key, slot), so a slot is one card for ever."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from generation.kernel.aes import encrypt_blocks
from generation.kernel.names import FIRST_NAMES, LAST_NAMES
from generation.kernel.spec import NAME_LENGTHS, Profile, RangeSpec

Block = NDArray[np.uint32]

_NAME_TYPE = f"S{NAME_LENGTHS[-1]}"


def field_block(
    spec: RangeSpec, *, slots: NDArray[np.int64], number: int = 0, sequence: int = 0
) -> Block:
    """Give N x 4 pseudorandom words: AES (FIPS 197) under the field key of (slot, number).

    Words 0 to 3 of block 0 choose expiry, CVV, first name, last name; `details` and `defects`
    have blocks of their own. A renewed card (PAN sequence number above 0) has another block 0.

    :param number: which block, 0 to 255
    :param sequence: the PAN sequence number, 0 to 99
    """
    blocks = np.empty((slots.size, 2), dtype=">u8")
    blocks[:, 0] = slots
    blocks[:, 1] = sequence << 8 | number
    return encrypt_blocks(spec.keys.fields, blocks).view(">u4").astype(np.uint32)


def expiry_months(
    spec: RangeSpec, *, slots: NDArray[np.int64], profile: Profile, block: Block | None = None
) -> NDArray[np.int32]:
    """Give N expiry months, counted as year * 12 + month - 1, within the profile's span.

    :param block: the `field_block` of these slots, where the caller has it already
    """
    words = field_block(spec, slots=slots) if block is None else block
    return (choose(words[:, 0], profile.months) + profile.first_month).astype(np.int32)


def cvvs(
    spec: RangeSpec, *, slots: NDArray[np.int64], profile: Profile, block: Block | None = None
) -> NDArray[np.bytes_]:
    """Give N card verification values of ASCII digits (dtype S{cvv_length}).

    :param block: the `field_block` of these slots, where the caller has it already
    :raises ValueError: if the profile's CVV has not the range's length
    """
    if profile.cvv is not None:
        if len(profile.cvv) != spec.cvv_length:
            raise ValueError(f"the CVV must have {spec.cvv_length} digits for this range")
        return np.full(slots.size, profile.cvv.encode(), dtype=f"S{spec.cvv_length}")
    words = field_block(spec, slots=slots) if block is None else block
    values = _cvv_values(spec.cvv_length)
    return values.take(choose(words[:, 1], values.size))


def public_cvvs(pans: NDArray[np.bytes_], *, length: int) -> NDArray[np.bytes_]:
    """Take the `length` digits just before the check digit: a CVV that anybody can work out."""
    digits = np.ascontiguousarray(pans).view(np.uint8).reshape(-1, pans.itemsize)
    before = digits[:, -1 - length : -1]
    return np.ascontiguousarray(before).view(f"S{length}").ravel()


def cardholder_names(
    spec: RangeSpec, *, slots: NDArray[np.int64], profile: Profile, block: Block | None = None
) -> NDArray[np.bytes_]:
    """Give N names "FIRST LAST" of ISO/IEC 7813 length, 2 to 26 ASCII characters (dtype S26).

    :param block: the `field_block` of these slots, where the caller has it already
    """
    if profile.cardholder_name is not None:
        return np.full(slots.size, profile.cardholder_name.encode(), dtype=_NAME_TYPE)
    words = field_block(spec, slots=slots) if block is None else block
    first = choose(words[:, 2], len(FIRST_NAMES))
    return _full_names().take(first * len(LAST_NAMES) + choose(words[:, 3], len(LAST_NAMES)))


def choose(words: NDArray[np.uint32], count: int) -> NDArray[np.int64]:
    """Map words evenly to [0, count)."""
    # Each result has floor or ceil of 2^32 / count words: a relative bias below count / 2^32,
    # which is 1 in 400,000 for the largest count, 10^4.
    return (words.astype(np.int64) * count) >> 32


@lru_cache(maxsize=2)
def _cvv_values(length: int) -> NDArray[np.bytes_]:
    values = [f"{value:0{length}d}".encode() for value in range(10**length)]
    return np.array(values, dtype=f"S{length}")


@lru_cache(maxsize=1)
def _full_names() -> NDArray[np.bytes_]:
    """Write out every pair once: a name is then one look-up."""
    pairs = [f"{first} {last}".encode() for first in FIRST_NAMES for last in LAST_NAMES]
    return np.array(pairs, dtype=_NAME_TYPE)
