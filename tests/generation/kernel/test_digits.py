import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.kernel import digits
from tests.generation.kernel import reference_fields

BLOCKS = st.lists(st.binary(min_size=8, max_size=8), max_size=6)
# Half-bytes that are mostly letters, so that the second scan has work to do.
LETTERS = st.text("abcdef9", min_size=16, max_size=16).map(bytes.fromhex)


def as_rows(blocks: list[bytes]) -> np.ndarray:
    return np.frombuffer(b"".join(blocks), dtype=np.uint8).reshape(-1, 8)


@settings(deadline=None)
@given(blocks=BLOCKS)
def test_hexadecimal_is_that_of_python(blocks: list[bytes]) -> None:
    expected = [block.hex().upper().encode() for block in blocks]
    assert digits.spell_hex(as_rows(blocks)).tolist() == expected


@settings(deadline=None)
@given(blocks=BLOCKS)
def test_packing_undoes_unpacking(blocks: list[bytes]) -> None:
    assert np.array_equal(digits.pack(digits.unpack(as_rows(blocks))), as_rows(blocks))


@settings(deadline=None)
@given(blocks=BLOCKS | st.lists(LETTERS, max_size=6), count=st.integers(1, 4))
def test_decimalising_agrees_with_the_naive_rule(blocks: list[bytes], count: int) -> None:
    expected = [reference_fields.decimals(block, count).encode() for block in blocks]
    assert digits.decimalise(as_rows(blocks), digits=count).tolist() == expected


def test_letters_are_read_only_after_all_digits() -> None:
    block = bytes.fromhex("abcdefabcdefab07")
    assert digits.decimalise(as_rows([block]), digits=4).tolist() == [b"0701"]


@settings(deadline=None)
@given(numbers=st.lists(st.integers(0, 10**6 - 1), max_size=6))
def test_numbers_are_spelled_with_leading_zeros(numbers: list[int]) -> None:
    spelled = digits.spell(np.array(numbers, dtype=np.int64), digits=6)
    assert spelled.tolist() == [f"{number:06d}".encode() for number in numbers]


def test_columns_and_texts_stand_side_by_side() -> None:
    joined = digits.join(b"<", np.array([b"12", b"34"]), b">", count=2)
    assert digits.column(joined).tolist() == [b"<12>", b"<34>"]


@pytest.mark.parametrize("text", [b"1/", b":1", b"1A", b"1"])
def test_what_is_no_digit_has_no_value(text: bytes) -> None:
    with pytest.raises(ValueError, match="ASCII digits"):
        digits.digit_values(digits.rows(np.array([text], dtype="S2")))


def test_every_second_row_reads_like_a_copy_of_them() -> None:
    column = np.array([b"12", b"34", b"56"])
    assert digits.column(digits.rows(column[::2])).tolist() == [b"12", b"56"]
