"""A row tells the median of its rounds, whether it reaches its aim, and how much it lost."""

import pytest

from bench.row import Row


def row(*ours: float, **changes: object) -> Row:
    return Row(**{"key": "a/b", "name": "b", "unit": "a second", "ours": ours} | changes)


def test_the_median_of_the_rounds_counts():
    assert row(1.0, 9.0, 2.0).value == 2.0
    assert row(1.0, 9.0, 2.0).spread == 4.0


def test_a_ratio_is_made_round_by_round():
    """A round in which both were slow says the same as the others."""
    assert row(10.0, 1.0, 12.0, theirs=(5.0, 0.5, 6.0)).values == [2.0, 2.0, 2.0]


@pytest.mark.parametrize(
    ("changes", "met"),
    [
        ({"aim": 5.0}, True),
        ({"aim": 5.1}, False),
        ({"aim": 5.0, "smaller": True}, True),
        ({"aim": 4.9, "smaller": True}, False),
        ({}, True),
    ],
)
def test_an_aim_is_the_least_or_the_greatest(changes, met):
    assert row(5.0, **changes).met == met


@pytest.mark.parametrize(
    ("smaller", "before", "loss"), [(False, 10.0, 0.5), (True, 4.0, 0.25), (False, 4.0, -0.25)]
)
def test_what_is_worse_has_lost(smaller, before, loss):
    assert row(5.0, smaller=smaller).loss(before) == pytest.approx(loss)
