"""Each generator that ours is held against gives numbers of its own."""

from bench import records


def test_every_generator_has_a_row_for_each_round():
    rows = list(records.measure(rounds=2, seconds=0.0))
    assert len(rows) == 4
    assert {len(row.ours) for row in rows} == {len(row.theirs) for row in rows} == {2}
    assert all(row.value > 0 for row in rows)
