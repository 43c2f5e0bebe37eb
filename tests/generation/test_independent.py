"""The same question to a validator written by others; their tables of schemes: peers/."""

from stdnum import luhn as stdnum_luhn

from generation import published
from generation.kernel.luhn import is_valid

NUMBERS = sorted({meaning.number for meaning in published.meanings()})


def test_luhn_agrees_with_python_stdnum():
    for stem in (number[:-1] for number in NUMBERS):
        for number in (stem + digit for digit in "0123456789"):
            assert is_valid(number) == stdnum_luhn.is_valid(number), number
