"""XXH64 with seed 0 of many equally long texts at once, in NumPy.

XXH64 is the hash of Apache Parquet's Bloom filters. It reads stripes of 32 bytes, then 8, 4 and 1
at a time, all little endian; each step here does one of those reads for all texts. The
specification is in the xxHash project: doc/xxhash_spec.md.
"""

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]  # one for each text
Rows = NDArray[np.uint8]  # N texts x width

_PRIME_1 = np.uint64(0x9E3779B185EBCA87)
_PRIME_2 = np.uint64(0xC2B2AE3D27D4EB4F)
_PRIME_3 = np.uint64(0x165667B19E3779F9)
_PRIME_4 = np.uint64(0x85EBCA77C2B2AE63)
_PRIME_5 = np.uint64(0x27D4EB2F165667C5)
# P1 + P2, P2, 0 and -P1; added here, NumPy would warn of the overflow that is meant.
_LANE_STARTS = np.array(
    [0x60EA27EEADC0B5D6, 0xC2B2AE3D27D4EB4F, 0, 0x61C8864E7A143579], dtype=np.uint64
)
_STRIPE = 32
_LANE = 8
_HALF = 4
_ZERO = np.zeros(1, dtype=np.uint64)


def xxh64(texts: Rows) -> Hashes:
    """Hash N texts of `width` bytes (N x width): N 64-bit numbers."""
    width = texts.shape[1]
    stripes, lanes = width // _STRIPE * _STRIPE, width // _LANE * _LANE
    hashes = _merged(texts[:, :stripes]) if stripes else np.full(len(texts), _PRIME_5)
    hashes += np.uint64(width)
    for at in range(stripes, lanes, _LANE):
        hashes ^= _round(_ZERO, _read(texts, at=at, size=_LANE))
        hashes = _rotated(hashes, 27) * _PRIME_1 + _PRIME_4
    return _avalanched(_with_rest(hashes, texts[:, lanes:]))


def _with_rest(hashes: Hashes, rest: Rows) -> Hashes:
    """Take in the last 0 to 7 bytes: four at once if there are so many, the others singly."""
    width, at = rest.shape[1], 0
    if width >= _HALF:
        hashes ^= _read(rest, at=0, size=_HALF) * _PRIME_1
        hashes = _rotated(hashes, 23) * _PRIME_2 + _PRIME_3
        at = _HALF
    for place in range(at, width):
        hashes ^= rest[:, place].astype(np.uint64) * _PRIME_5
        hashes = _rotated(hashes, 11) * _PRIME_1
    return hashes


def _merged(stripes: Rows) -> Hashes:
    """Run the four accumulators over all stripes and make one number of them."""
    count = len(stripes)
    lanes = [np.full(count, start) for start in _LANE_STARTS]
    for at in range(0, stripes.shape[1], _STRIPE):
        for place in range(4):
            read = _read(stripes, at=at + place * _LANE, size=_LANE)
            lanes[place] = _round(lanes[place], read)
    hashes = np.zeros(count, dtype=np.uint64)
    for lane, turn in zip(lanes, (1, 7, 12, 18), strict=True):
        hashes += _rotated(lane, turn)
    for lane in lanes:
        hashes ^= _round(_ZERO, lane)
        hashes = hashes * _PRIME_1 + _PRIME_4
    return hashes


def _round(accumulators: Hashes, read: Hashes) -> Hashes:
    return _rotated(accumulators + read * _PRIME_2, 31) * _PRIME_1


def _avalanched(hashes: Hashes) -> Hashes:
    hashes ^= hashes >> np.uint64(33)
    hashes *= _PRIME_2
    hashes ^= hashes >> np.uint64(29)
    hashes *= _PRIME_3
    hashes ^= hashes >> np.uint64(32)
    return hashes


def _rotated(numbers: Hashes, bits: int) -> Hashes:
    return numbers << np.uint64(bits) | numbers >> np.uint64(64 - bits)


def _read(texts: Rows, *, at: int, size: int) -> Hashes:
    """Read `size` bytes of every text as one number, little endian."""
    columns = np.ascontiguousarray(texts[:, at : at + size])
    return columns.view(f"<u{size}").reshape(len(texts)).astype(np.uint64)
