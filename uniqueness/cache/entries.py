"""What stands in the cache server for one issued number: 48 bytes that prove themselves.

| bytes | what |
|---|---|
| 8 | tag: the token's first half, mixed with the generation; tells whose entry this is |
| 8 | packed slot, big endian |
| 16 | owner, a UUID |
| 16 | proof: AES-256 CBC-MAC (ISO/IEC 9797-1, algorithm 1) over token, generation, slot, owner |

Entries have fixed places: the token's second half says which one, and the latest number to come has
it. So the cache takes a known number of bytes on any server, whatever its eviction policy.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from generation.kernel.aes import encrypt_blocks
from uniqueness.cache.keys import cache_keys
from uniqueness.cache.token_cipher import Tokens

_DTYPE = np.dtype([("tag", ">u8"), ("slot", ">i8"), ("owner", "V16"), ("proof", "V16")])
BYTES = _DTYPE.itemsize
Words = NDArray[np.uint64]  # N x 2, dtype ">u8": a token or another block of 16 bytes


class Issued(NamedTuple):
    """True for ever: the number was issued in this packed slot, by this owner (a job)."""

    slot: int
    owner: UUID


class Opened(NamedTuple):
    """What entries said: answers by the place of the token, and how many lied."""

    answers: dict[int, Issued]
    rejected: int


def places(tokens: Tokens, *, most: int) -> NDArray[np.int64]:
    """Return the place of each token's entry, 0 to `most` - 1."""
    return (_words(tokens)[:, 1] % np.uint64(most)).astype(np.int64)


def sealed(tokens: Tokens, answers: Sequence[Issued], *, generation: int) -> NDArray[np.void]:
    """Write one entry of `BYTES` for each token."""
    entries = np.zeros(len(tokens), dtype=_DTYPE)
    marked = _marked(tokens, generation)
    entries["tag"] = marked[:, 0]
    entries["slot"] = [answer.slot for answer in answers]
    entries["owner"] = np.frombuffer(b"".join(a.owner.bytes for a in answers), dtype="V16")
    entries["proof"] = _proofs(marked, entries)
    return entries


def opened(tokens: Tokens, values: Sequence[bytes | None], *, generation: int) -> Opened:
    """Read what stands at the tokens' places; None and other numbers' entries say nothing."""
    there = [place for place, value in enumerate(values) if value is not None]
    whole = [place for place in there if len(values[place] or b"") == BYTES]
    entries = np.frombuffer(b"".join(values[place] or b"" for place in whole), dtype=_DTYPE)
    marked = _marked(tokens[whole], generation)
    ours = entries["tag"] == marked[:, 0]
    right = ours & (entries["proof"] == _proofs(marked, entries))
    rejected = len(there) - len(whole) + int(np.count_nonzero(ours & ~right))
    return Opened(_answers(np.array(whole, dtype=np.int64)[right], entries[right]), rejected)


def _answers(places: NDArray[np.int64], entries: NDArray[np.void]) -> dict[int, Issued]:
    names = entries["owner"].tolist()
    owners = {name: UUID(bytes=name) for name in set(names)}  # few, and costly to make
    answers = map(Issued, entries["slot"].tolist(), map(owners.__getitem__, names))
    return dict(zip(places.tolist(), answers, strict=True))


def _words(tokens: Tokens) -> Words:
    return np.ascontiguousarray(tokens).view(">u8").reshape(-1, 2)


def _marked(tokens: Tokens, generation: int) -> Words:
    """Mix the generation in, so that entries of another one are nobody's."""
    return _words(tokens) ^ np.array([generation, 0], dtype=np.uint64)


def _proofs(marked: Words, entries: NDArray[np.void]) -> NDArray[np.void]:
    # Messages are all of one length: the case in which plain CBC-MAC is secure.
    key = cache_keys().answer
    owners = np.ascontiguousarray(entries["owner"]).view(">u8").reshape(-1, 2)
    second = np.stack([entries["slot"].astype(np.uint64), owners[:, 0].astype(np.uint64)], axis=1)
    third = np.stack([owners[:, 1].astype(np.uint64), np.zeros(len(owners), np.uint64)], axis=1)
    chain = encrypt_blocks(key, encrypt_blocks(key, marked) ^ second)
    return encrypt_blocks(key, chain ^ third).view("V16").reshape(len(marked))
