"""A plain Bloom filter in memory, as the rival's third layer: ours is not lent to it."""

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from math import ceil, log


class BloomFilter:
    """Says "never added" of all but one in a thousand of the texts that never were."""

    _PROBES = 10

    def __init__(self, capacity: int) -> None:
        """Take the room that so many texts need (Bloom's formula for 1 in 1,000)."""
        self._size = ceil(-capacity * log(0.001) / log(2) ** 2)
        self._bits = bytearray(self._size // 8 + 1)

    def add(self, texts: Iterable[str]) -> None:
        """Remember texts."""
        for text in texts:
            for place in self._places(text):
                self._bits[place >> 3] |= 1 << (place & 7)

    def __contains__(self, text: str) -> bool:
        """Tell whether the text may have been added."""
        return all(self._bits[place >> 3] & 1 << (place & 7) for place in self._places(text))

    def _places(self, text: str) -> Iterator[int]:
        """Two hashes make all of them (Kirsch and Mitzenmacher)."""
        digest = blake2b(text.encode(), digest_size=16).digest()
        first, step = int.from_bytes(digest[:8]), int.from_bytes(digest[8:]) | 1
        return ((first + probe * step) % self._size for probe in range(self._PROBES))
