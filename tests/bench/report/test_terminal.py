"""The terminal shows a line for each row; drops are red on a terminal only."""

import sys

import pytest

from bench.report import terminal

_RED = "\033[31m"


@pytest.mark.parametrize("tty", [True, False])
def test_a_drop_is_red_on_a_terminal(make_report, capsys, monkeypatch, tty):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: tty)
    report = make_report(3.0)
    terminal.show(report.rows, before={"single/view/1/p50": 2.0})
    lines = capsys.readouterr().out.splitlines()
    red = [line for line in lines if line.startswith(_RED)]
    assert len(lines) == len(report.rows) + 1
    assert ["view, alone: p50" in line for line in red] == [True] * tty


def test_a_missed_aim_is_said(make_report, capsys):
    terminal.show(make_report(3.0).rows, before={})
    told = [line for line in capsys.readouterr().out.splitlines() if "misses the aim" in line]
    assert any("view, alone: p50" in line for line in told)


@pytest.mark.parametrize(
    ("number", "text"), [(1_234.5, "1,234"), (99.95, "100"), (2.345, "2.35"), (0.0123, "0.0123")]
)
def test_numbers_have_as_many_digits_as_tell_something(number, text):
    assert terminal.written(number) == text
