"""Which values have a statement bind on the server: those that may hold a card number."""

import pytest

from toolkit.bound_numbers import carry_number

_ID = "90116a46-8aa6-4005-9120-1325e8e2c719"  # 4005-9120-1325 are twelve digits in groups


@pytest.mark.parametrize(
    "value", ["4000001234567899", "x 4000 0012 3456 7899", f"{_ID} 400000123456"]
)
def test_a_number_is_bound_wherever_it_stands(value):
    assert carry_number({"a": 1, "b": value})
    assert carry_number([["x", value]])


@pytest.mark.parametrize("value", [_ID, _ID.upper(), "40000012345", 4000001234567899, None])
def test_what_is_no_number_is_not(value):
    assert not carry_number({"a": value})
    assert not carry_number([[value]])
