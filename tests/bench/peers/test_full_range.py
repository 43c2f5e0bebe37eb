"""What counts is how much of its rate each keeps when the range is full."""

import pytest

from bench.peers import full_range
from bench.report.plots import charts


def level(name: str, *, ours: float, theirs: float):
    return full_range._row(name, [(ours, theirs)] * 9)


def test_a_rate_is_cards_by_the_time_of_their_orders():
    row = level("50 %", ours=0.1, theirs=0.05)
    assert row.ours == pytest.approx([100.0] * 3)
    assert row.theirs == pytest.approx([200.0] * 3)


def test_who_keeps_half_of_the_rate_is_better_than_who_keeps_a_hundredth():
    kept = full_range._kept(
        level("empty", ours=0.1, theirs=0.01), level("99.9 %", ours=0.2, theirs=1.0)
    )
    assert kept.ours == pytest.approx([0.5] * 3)
    assert kept.theirs == pytest.approx([0.01] * 3)
    assert kept.value == pytest.approx(50.0)
    assert kept.met


def test_the_plot_has_both_sides_at_every_level():
    rows = [level(name, ours=0.1, theirs=0.1) for name in full_range.LEVELS]
    drawn = dict(charts([full_range._kept(rows[0], rows[-1]), *rows]))["bench-full"]
    assert list(drawn.places) == list(full_range.LEVELS)
    assert {len(line) for line in drawn.lines.values()} == {len(full_range.LEVELS)}
