"""XXH64 against the reference implementation and published values."""

import numpy as np
import pytest
import xxhash

from uniqueness.bloom.xxh64 import xxh64


def hash_one(text: bytes) -> int:
    return int(xxh64(np.frombuffer(text, dtype=np.uint8)[np.newaxis])[0])


@pytest.mark.parametrize("length", range(100))
def test_hashes_equal_the_reference_for_every_length(length):
    texts = np.random.default_rng(length).integers(0, 256, (50, length), dtype=np.uint8)
    assert xxh64(texts).tolist() == [xxhash.xxh64_intdigest(text.tobytes()) for text in texts]


@pytest.mark.parametrize(
    ("text", "published"),
    [
        (b"", 0xEF46DB3751D8E999),
        (b"a", 0xD24EC4F1A98C6E5B),
        (b"abc", 0x44BC2CF5AD770999),
        (b"Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1),
    ],
)
def test_published_values(text, published):
    assert hash_one(text) == published


def test_a_view_of_every_second_text_is_hashed_right():
    texts = np.random.default_rng(1).integers(48, 58, (20, 32), dtype=np.uint8)
    assert xxh64(texts[::2, 3:19]).tolist() == [
        xxhash.xxh64_intdigest(text[3:19].tobytes()) for text in texts[::2]
    ]
