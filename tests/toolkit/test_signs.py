"""Digits, spaces and dashes of every alphabet."""

import sys
import unicodedata

import pytest

from docs import bloom_reader
from toolkit.requests import digits_of
from toolkit.signs import plain, sign

NUMBER = "4929123456781236"


@pytest.mark.parametrize(
    "written",
    [
        *("4929 1234 5678 1236", "4929-1234-5678-1236", "4929\u00a01234\u202f5678\u20091236"),
        *("4929\u20101234\u20135678\u22121236", "4929\u200b1234\u00ad5678\u20601236"),
        f"\u200e{NUMBER}\u202c",
        "".join(chr(0xFF10 + int(digit)) for digit in NUMBER),  # fullwidth
        "".join(chr(0x0660 + int(digit)) for digit in NUMBER),  # Arabic-Indic
        "".join(chr(0x1D7CE + int(digit)) for digit in NUMBER),  # mathematical, bold
        b"4929\xa01234\x965678\x971236".decode("utf-8", "surrogateescape"),  # Windows-1252
    ],
)  # fmt: skip
def test_a_number_is_read_however_it_is_written(written):
    assert digits_of(written) == NUMBER


@pytest.mark.parametrize(
    "written", ["4929.1234", "4929/1234", "4929\t1234", "4929_1234", "4929½", "④"]
)
def test_other_signs_are_no_part_of_a_number(written):
    assert digits_of(written) is None


def test_every_character_of_a_class_has_its_sign():
    signs = {"Nd": set("0123456789"), "Zs": {" "}, "Pd": {"-"}, "Cf": {""}}
    for code in range(sys.maxunicode + 1):
        category = unicodedata.category(chr(code))
        if category in signs:
            assert sign(chr(code)) in signs[category]


def test_the_stand_alone_reader_has_the_same_table():
    characters = [chr(code) for code in range(sys.maxunicode + 1)]
    assert [sign(one) for one in characters] == [bloom_reader.sign(one) for one in characters]


def test_other_text_stays_as_it_is():
    assert plain("Größe – 5 ½ \u200b€") == "Größe - 5 ½ €"
