"""Schemes, ranges and tiers on the terminal: tables for people, lines for pipes."""

import sys

import pytest

from generation.models import IssuerRange
from tests.support.commands import run
from toolkit import tables

pytestmark = pytest.mark.django_db


def rows(*command: str) -> list[list[str]]:
    done = run(*command)
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


def test_schemes_say_which_can_be_ordered(catalogue):
    head, *schemes = rows("schemes")
    assert head == ["scheme", "name", "digits", "ranges on"]
    found = {row[0]: row[-1] for row in schemes}
    assert found["amex"] == "0"
    assert int(found["visa"]) > 0
    assert {row[0] for row in rows("schemes", "--on")[1:]} == {
        name for name, on in found.items() if on != "0"
    }
    assert "cardgen switch --tier brand_shape on" in run("schemes").stderr


def test_ranges_of_one_scheme_in_any_case(catalogue):
    head, *found = rows("ranges", "--scheme", "AMEX")
    assert head[-1] == "state"
    assert {(row[1], row[-1]) for row in found} == {("amex", "tier is off")}
    assert rows("ranges", "--scheme", "amex", "--on") == [head]
    on = {row[-1] for row in rows("ranges", "--scheme", "visa", "--on")[1:]}
    assert on == {"on"}
    assert len(rows("ranges")) == IssuerRange.objects.count() + 1


def test_tiers_say_what_they_promise(catalogue):
    _, *found = rows("tiers")
    assert [(row[0], row[1]) for row in found][-1] == ("brand_shape", "off")


def test_a_person_sees_a_table_with_commas(monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    tables.show(["range", "left"], [("400000-16", 1_000_000), ("[bold]", 2)])
    shown = capsys.readouterr().out
    assert "1,000,000" in shown
    assert "[bold]" in shown
