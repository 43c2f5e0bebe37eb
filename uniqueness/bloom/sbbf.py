"""The split-block Bloom filter of Apache Parquet, built and asked in NumPy.

A filter is 65,536 blocks of 256 bits. The high half of a PAN's XXH64 picks the block, the low half
one bit in each of the block's eight 32-bit words (little endian). Sized for the 10^6 slots of a
window: 2 MiB, 16.8 bits a card, about 0.13 % false positives when the window is full.
Specification: BloomFilter.md in apache/parquet-format.
"""

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from generation.kernel.digits import rows
from uniqueness.bloom.xxh64 import Hashes, xxh64

Filter = NDArray[np.uint8]  # FILTER_BYTES of them
Pans = NDArray[np.bytes_]  # N texts in ASCII; shorter ones end in zero bytes

BLOCKS = 65_536
FILTER_BYTES = BLOCKS * 32

_SALTS = np.array(
    [
        [0x47B6137B], [0x44974D91], [0x8824AD5B], [0xA2B7289D],
        [0x705495C7], [0x2DF1424B], [0x9EFC4947], [0x5C6BFB31],
    ],
    dtype=np.uint32,
)  # fmt: skip
_TOP_FIVE = np.uint32(27)
_HALF = np.uint64(32)
_BLOCKS = np.uint64(BLOCKS)
_ONE = np.uint64(1)
# Two words of a block are handled as one: half the scattered memory accesses (measured: 10 M
# cards/s, 5.5 M/s with single words).
_PAIRS = np.arange(4)[:, np.newaxis]
_PAIR = np.dtype("<u8")
# So many hashes with their masks stay in the processor's cache.
_AT_ONCE = 8_192


def empty() -> Filter:
    """Make a filter that holds nothing."""
    return np.zeros(FILTER_BYTES, dtype=np.uint8)


def build(pans: Pans) -> Filter:
    """Make a filter that holds N PANs."""
    made = empty()
    add(made, pans)
    return made


def add(bloom: Filter, pans: Pans) -> None:
    """Put N more PANs into a filter, in place."""
    pairs = bloom.view(_PAIR)
    for part in _parts(pans):
        places, masks = _masks(_hashed(part))
        np.bitwise_or.at(pairs, places, masks)


def contains(bloom: Filter, pans: Pans) -> NDArray[np.bool_]:
    """Tell for each of N PANs whether the filter may hold it; False is certain."""
    pairs = bloom.view(_PAIR)
    found = [np.zeros(0, dtype=np.bool_)]
    for part in _parts(pans):
        places, masks = _masks(_hashed(part))
        found.append((pairs[places] & masks == masks).all(axis=0))
    return np.concatenate(found)


def digest(bloom: bytes) -> bytes:
    """BLAKE2b (RFC 7693) of a filter, 32 bytes."""
    return blake2b(bloom, digest_size=32).digest()


def _parts(pans: Pans) -> list[Pans]:
    return [pans[start : start + _AT_ONCE] for start in range(0, pans.size, _AT_ONCE)]


def _hashed(pans: Pans) -> Hashes:
    """Hash PANs of whatever lengths; nearly always all have the same."""
    texts = rows(pans)
    if texts.size and texts[:, -1].all():
        return xxh64(texts)
    lengths = np.char.str_len(pans)
    hashes = np.empty(pans.size, dtype=np.uint64)
    for length in np.unique(lengths):
        same = lengths == length
        hashes[same] = xxh64(texts[same, :length])
    return hashes


def _masks(hashes: Hashes) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Give the 4 x N pairs of words that N PANs are in, and the two bits they set in each."""
    picked = _picked(hashes).astype(np.uint64)
    masks = _ONE << picked[::2] | _ONE << picked[1::2] + _HALF
    return _blocks(hashes) * 4 + _PAIRS, masks


def _blocks(hashes: Hashes) -> NDArray[np.int64]:
    return ((hashes >> _HALF) * _BLOCKS >> _HALF).astype(np.int64)


def _picked(hashes: Hashes) -> NDArray[np.uint32]:
    """Pick a bit, 0 to 31, in each of the eight words: 8 x N."""
    return hashes.astype(np.uint32) * _SALTS >> _TOP_FIVE
