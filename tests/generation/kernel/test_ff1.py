import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.kernel.ff1 import Ff1, Ff1PerRow
from tests.generation.kernel import reference

HERE = Path(__file__).parent
FILES = ("ff1_vectors.csv", "ff1_vectors_other.csv")
VECTORS = [
    row
    for name in FILES
    for row in csv.DictReader((HERE / name).read_text(encoding="ascii").splitlines())
]
KEYS = st.sampled_from([16, 24, 32]).flatmap(lambda size: st.binary(min_size=size, max_size=size))


def one(number: int | str) -> np.ndarray:
    return np.array([int(number)], dtype=np.int64)


def cipher(row: dict[str, str]) -> Ff1:
    tweak = bytes.fromhex(row["tweak_hex"])
    return Ff1(bytes.fromhex(row["key_hex"]), digits=len(row["plaintext"]), tweak=tweak)


def test_all_published_vectors_are_there() -> None:
    assert len(VECTORS) == 20
    assert {len(row["key_hex"]) for row in VECTORS} == {32, 48, 64}


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: row["source"])
def test_published_vector_encrypts(row: dict[str, str]) -> None:
    assert cipher(row).encrypt(one(row["plaintext"])) == int(row["ciphertext"])


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: row["source"])
def test_published_vector_decrypts(row: dict[str, str]) -> None:
    assert cipher(row).decrypt(one(row["ciphertext"])) == int(row["plaintext"])


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: row["source"])
def test_reference_agrees_with_published_vector(row: dict[str, str]) -> None:
    key, tweak = bytes.fromhex(row["key_hex"]), bytes.fromhex(row["tweak_hex"])
    assert reference.ff1_encrypt(key, tweak, row["plaintext"]) == row["ciphertext"]


@settings(deadline=None, max_examples=150)
@given(
    key=KEYS,
    tweak=st.binary(max_size=16),
    digits=st.integers(2, 10),
    share=st.floats(0, 1, exclude_max=True),
)
def test_tables_agree_with_the_reference(
    key: bytes, tweak: bytes, digits: int, share: float
) -> None:
    number = int(share * 10**digits)
    ff1 = Ff1(key, digits=digits, tweak=tweak)
    encrypted = ff1.encrypt(one(number))
    expected = reference.ff1_encrypt(key, tweak, str(number).zfill(digits))
    assert encrypted == int(expected)
    assert ff1.decrypt(encrypted) == number


@settings(deadline=None)
@given(
    key=KEYS,
    digits=st.integers(2, 10),
    pairs=st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0)), min_size=1, max_size=5),
)
def test_tweaks_per_row_agree_with_the_reference(
    key: bytes, digits: int, pairs: list[tuple[int, int]]
) -> None:
    tweaks = np.array([tweak for tweak, _ in pairs], dtype=np.int64)
    numbers = [number % 10**digits for _, number in pairs]
    ff1 = Ff1PerRow(key, digits=digits, tweaks=tweaks)
    encrypted = ff1.encrypt(np.array(numbers, dtype=np.int64))
    assert [str(number).zfill(digits) for number in encrypted] == [
        reference.ff1_encrypt(key, int(tweak).to_bytes(4, "big"), str(number).zfill(digits))
        for tweak, number in zip(tweaks, numbers, strict=True)
    ]
    assert ff1.decrypt(encrypted).tolist() == numbers


@pytest.mark.parametrize("digits", [2, 3, 4, 5, 6])
def test_every_number_is_hit_once(digits: int) -> None:
    everything = np.arange(10**digits)
    ff1 = Ff1(bytes(16), digits=digits, tweak=b"tweak")
    encrypted = ff1.encrypt(everything)
    assert np.array_equal(np.sort(encrypted), everything)
    assert np.array_equal(ff1.decrypt(encrypted), everything)


@pytest.mark.parametrize("digits", [0, 1, 11])
def test_other_lengths_are_refused(digits: int) -> None:
    with pytest.raises(ValueError, match="2 to 10 digits"):
        Ff1(bytes(16), digits=digits, tweak=b"")


@pytest.mark.parametrize("number", [-1, 10**6, -(2**63)])
@pytest.mark.parametrize("method", ["encrypt", "decrypt"])
def test_numbers_outside_are_refused(number: int, method: str) -> None:
    ff1 = Ff1(bytes(16), digits=6, tweak=b"")
    with pytest.raises(ValueError, match="6 digits"):
        getattr(ff1, method)(one(number))


def test_wrong_key_size_is_refused() -> None:
    with pytest.raises(ValueError, match="key"):
        Ff1(bytes(15), digits=6, tweak=b"")
