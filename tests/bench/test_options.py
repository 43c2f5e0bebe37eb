"""What is not said follows from whether it shall be quick."""

from pathlib import Path

import pytest

from bench.options import PARTS, parse


def test_everything_is_measured_unless_parts_are_named():
    assert parse([]).parts == PARTS
    assert parse(["--only", "single"]).parts == ("single",)


def test_quick_makes_everything_small_that_is_not_said():
    whole, quick, told = parse([]), parse(["--quick"]), parse(["--quick", "--rounds", "7"])
    assert (quick.rounds, quick.seconds, quick.cards) < (whole.rounds, whole.seconds, whole.cards)
    assert quick.flat_cards < whole.flat_cards
    assert (told.rounds, told.seconds) == (7, quick.seconds)


def test_files_outlive_the_servers_of_the_run(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CARDGEN_VAR", "/mine")
    assert parse([]).history == Path("/mine/bench/history.jsonl")
    monkeypatch.delenv("CARDGEN_VAR")
    assert parse([]).out == Path("var/bench")


def test_the_history_can_lie_elsewhere():
    assert parse(["--out", "here", "--history", "there.jsonl"]).history == Path("there.jsonl")


@pytest.mark.parametrize("wrong", ["--rounds=0", "--seconds=0", "--rounds=-1"])
def test_nothing_can_be_measured_less_than_once(wrong, capsys):
    with pytest.raises(SystemExit):
        parse([wrong])
    assert "above 0" in capsys.readouterr().err


def test_the_large_job_has_numbers_enough_to_check(capsys):
    with pytest.raises(SystemExit):
        parse(["--cards=9999"])
    assert "10,000 at least" in capsys.readouterr().err
