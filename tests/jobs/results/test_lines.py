"""Columns and constants become lines."""

import numpy as np
import pytest

from jobs.results.lines import join


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([b"ANN", b"BOB"], b"1,ANN;\n2,BOB;\n"),
        ([b"AL", b"CHRIS"], b"1,AL;\n2,CHRIS;\n"),
        ([b"", b""], b"1,;\n2,;\n"),
    ],
)
def test_values_stand_between_the_constants_at_their_own_width(names, text):
    numbers = np.array([b"1", b"2"])
    assert join([numbers, b",", np.array(names), b";\n"], rows=2) == text


def test_a_column_may_be_part_of_wider_rows():
    rows = np.array([(b"12", b"X"), (b"34", b"Y")], dtype=[("pan", "S2"), ("other", "S1")])
    assert join([b"<", rows["pan"], b">"], rows=2) == b"<12><34>"


def test_columns_may_be_missing():
    assert join([b"a,", b"\n"], rows=3) == b"a,\na,\na,\n"
