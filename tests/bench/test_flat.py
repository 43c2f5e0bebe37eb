"""A long job is parted in tenths, and a model is fitted to them that speaks of larger ledgers."""

import pytest

from bench.flat import parted
from bench.growth import fit
from bench.report.plots import charts
from bench.row import Row


def test_tenths_are_cut_between_the_moments_that_were_looked_at():
    """Ten cards a second until the middle, then five."""
    points = [(0.0, 0), (2.5, 25), (5.0, 50), (15.0, 100)]
    assert parted(points, cards=100) == pytest.approx([10.0] * 5 + [5.0] * 5)


def test_the_model_finds_what_it_was_made_from():
    rows = [10.0**power for power in range(6, 9)]
    model = fit(rows, [1 / (2e-6 + 1e-7 * power * 3.321928) for power in range(6, 9)])
    assert model.constant == pytest.approx(2e-6, rel=1e-4)
    assert model.doubling == pytest.approx(1e-7, rel=1e-4)
    assert model.rate(1e10) == pytest.approx(1 / (2e-6 + 3.321928e-6), rel=1e-4)


def test_a_ledger_that_does_not_slow_down_never_will():
    model = fit([1e6, 2e6, 4e6], [300_000.0] * 3)
    assert model.rate(1e10) == pytest.approx(300_000)


def test_the_model_is_drawn_farther_than_what_was_measured():
    def row(rows: str, against: str) -> Row:
        return Row(
            key=f"growth/{rows}",
            name=rows,
            unit="a second",
            ours=[2.0],
            theirs=[1.0],
            against=against,
        )

    rows = [row("1,000,000", "the model"), row("3,000,000", "the model")]
    rows.append(row("1,000,000,000", "the first tenth"))
    ((name, chart),) = charts(rows)
    assert (name, chart.places) == ("bench-growth", ["1", "3", "1,000"])
    assert chart.lines == {"measured": [2.0, 2.0], "model": [1.0, 1.0, 2.0]}
