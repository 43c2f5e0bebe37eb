"""The filter against Parquet's own writer, against the specification word by word, and counted."""

from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
import xxhash

from tests.uniqueness.bloom.cards import numbers
from uniqueness.bloom import sbbf

# Of the specification: BloomFilter.md, "The salt values".
SALTS = [
    0x47B6137B, 0x44974D91, 0x8824AD5B, 0xA2B7289D, 0x705495C7, 0x2DF1424B, 0x9EFC4947, 0x5C6BFB31,
]  # fmt: skip


def specified(pans: np.ndarray) -> bytes:
    """Insert as the specification says, one number and one bit at a time."""
    words = [0] * (sbbf.BLOCKS * 8)
    for pan in pans.tolist():
        digest = xxhash.xxh64_intdigest(pan)
        block = (digest >> 32) * sbbf.BLOCKS >> 32
        for place, salt in enumerate(SALTS):
            words[block * 8 + place] |= 1 << ((digest & 0xFFFFFFFF) * salt % 2**32 >> 27)
    return np.array(words, dtype="<u4").tobytes()


def written_by_arrow(pans: np.ndarray, path: Path) -> bytes:
    """Have pyarrow write the numbers as a column with a Bloom filter, and cut that out."""
    table = pyarrow.table({"pan": pyarrow.array(pans.tolist(), type=pyarrow.binary())})
    options = {"pan": {"ndv": 1_000_000, "fpp": 0.002}}
    pyarrow.parquet.write_table(table, path, bloom_filter_options=options)
    column = pyarrow.parquet.read_metadata(path).row_group(0).column(0)
    end = column.bloom_filter_offset + column.bloom_filter_length
    text = path.read_bytes()[column.bloom_filter_offset : end]
    assert len(text) - sbbf.FILTER_BYTES in range(1, 64), "pyarrow chose another size"
    return text[-sbbf.FILTER_BYTES :]


@pytest.mark.parametrize("length", [12, 13, 15, 16, 17, 18, 19])
def test_a_filter_equals_the_specification_for_every_pan_length(length):
    pans = numbers(2_000, length=length)
    assert sbbf.build(pans).tobytes() == specified(pans)


def test_a_filter_equals_the_one_that_parquet_writes(tmp_path):
    pans = numbers(1_000_000)  # pyarrow folds a filter that is not full
    assert sbbf.build(pans).tobytes() == written_by_arrow(pans, tmp_path / "pans.parquet")


def test_pans_of_different_lengths_stand_in_one_filter():
    mixed = np.concatenate([numbers(100, length=length) for length in (19, 12, 16)])
    assert sbbf.build(mixed).tobytes() == specified(mixed)
    assert sbbf.contains(sbbf.build(mixed), mixed).all()


def test_every_number_added_is_found_and_few_others_are():
    pans, others = numbers(1_000_000), numbers(1_000_000, seed=2)
    bloom = sbbf.build(pans)
    assert sbbf.contains(bloom, pans).all()
    rate = sbbf.contains(bloom, others).mean()
    assert 0.0005 < rate < 0.0015


def test_answers_come_in_the_order_asked():
    pans, others = numbers(30_000), numbers(30_000, seed=2)
    asked = np.stack([pans, others], axis=1).ravel()
    found = sbbf.contains(sbbf.build(pans), asked)
    assert found[::2].all()
    assert found[1::2].sum() < 10


def test_adding_in_parts_makes_the_same_filter():
    pans, bloom = numbers(1_000), sbbf.empty()
    for part in np.split(pans, 4):
        sbbf.add(bloom, part)
    assert (bloom == sbbf.build(pans)).all()


def test_no_numbers_make_an_empty_filter_and_no_answers():
    none = np.zeros(0, dtype="S16")
    assert not sbbf.build(none).any()
    assert sbbf.contains(sbbf.empty(), none).size == 0
