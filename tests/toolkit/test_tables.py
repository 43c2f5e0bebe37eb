"""Rows on standard output, whatever their values hold."""

import pytest

from toolkit import tables

COLUMNS = ["id", "name"]


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("two\nlines and\ttabs", "two lines and tabs"),
        ("red \x1b[31m", "red \ufffd[31m"),
        ("turned \u202e\u0085", "turned \ufffd"),
        ("Zoë 日本\u00a0!", "Zoë 日本 !"),
    ],
)
def test_a_value_stays_in_its_place_on_its_line(capsys, value, line):
    tables.show(COLUMNS, [(1, value)])
    assert capsys.readouterr().out == f"id\tname\n1\t{line}\n"


def test_a_value_moves_nothing_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    tables.show(COLUMNS, [(1234, "red \x1b[31m [bold]")])
    out = capsys.readouterr().out
    assert "red \ufffd[31m [bold]" in out
    assert "1,234" in out
