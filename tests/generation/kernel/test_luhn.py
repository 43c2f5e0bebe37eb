import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.kernel.luhn import check_digits, is_valid
from tests.generation.kernel import reference

DIGITS = st.text("0123456789", min_size=1, max_size=40)


@given(payload=DIGITS)
def test_check_digit_agrees_with_the_naive_rule(payload: str) -> None:
    digits = np.array([[int(digit) for digit in payload]], dtype=np.uint8)
    assert str(check_digits(digits)[0]) == reference.check_digit(payload)


@given(number=DIGITS)
def test_validity_agrees_with_the_naive_rule(number: str) -> None:
    assert is_valid(number) == (reference.luhn_total(number) % 10 == 0)


@pytest.mark.parametrize("number", ["4111111111111111", "378282246310005", "79927398713"])
def test_well_known_numbers_are_valid(number: str) -> None:
    assert is_valid(number)


@pytest.mark.parametrize(
    "number",
    ["", "4111111111111112", "4111 1111 1111 1111", "-18", "1٨", "00²", "\uff11\uff18", "18\n"],
)
def test_anything_else_is_not_valid(number: str) -> None:
    assert not is_valid(number)


def test_rows_are_independent() -> None:
    rows = np.array([[7, 9, 9, 2, 7, 3, 9, 8, 7, 1], [0] * 10], dtype=np.uint8)
    assert check_digits(rows).tolist() == [3, 0]


@pytest.mark.parametrize("digits", [np.array([[10]]), np.array([1, 2])])
def test_what_is_not_rows_of_digits_is_refused(digits: np.ndarray) -> None:
    with pytest.raises(ValueError, match="digits"):
        check_digits(digits.astype(np.uint8))
