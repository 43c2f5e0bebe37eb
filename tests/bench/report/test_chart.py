"""A chart has every value in its place, on a logarithmic scale."""

import pytest

from bench.report.chart import Chart, draw


def chart(**lines: list[float]) -> Chart:
    return Chart(title="Rate", across="clients", places=["1", "16", "64"], lines=lines)


def test_ten_times_as_much_is_always_as_far_up():
    drawn = chart(a=[1.0, 10.0, 100.0])
    first, second, third = (drawn.y(value) for value in (1.0, 10.0, 100.0))
    assert first - second == pytest.approx(second - third)
    assert first > second > third


@pytest.mark.parametrize("values", [[5.0, 5.0, 5.0], [10.0, 10.0, 10.0], [0.003, 1.0, 2e6]])
def test_all_values_lie_within_the_scale(values):
    drawn = chart(a=values)
    low, high = 10.0 ** drawn.decades[0], 10.0 ** drawn.decades[-1]
    assert low <= min(values) <= max(values) <= high
    assert low < high


def test_places_go_from_left_to_right():
    drawn = chart(a=[1.0, 2.0, 3.0])
    assert drawn.x(0) < drawn.x(1) < drawn.x(2)


def test_words_are_escaped():
    text = draw(chart(**{"<ours> & theirs": [1.0, 2.0, 3.0]}), "light")
    assert "&lt;ours&gt; &amp; theirs" in text
    assert "<ours>" not in text


def test_themes_differ_in_colours_only():
    drawn = chart(a=[1.0, 2.0, 3.0])
    light, dark = draw(drawn, "light"), draw(drawn, "dark")
    assert light != dark
    assert light.count("<circle") == dark.count("<circle") == 4
