"""What is not said follows from whether it shall be quick."""

import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from unittest.mock import Mock

import pytest

from bench import __main__ as bench_main
from bench.options import PARTS, REPORTS, parse
from bench.simulation import suite as simulation
from toolkit.exit_codes import ExitCode


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


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_that_is_there_is_kept(tmp_path, capsys, name):
    (tmp_path / name).write_text("of last week")
    with pytest.raises(SystemExit) as ended:
        parse(["--out", str(tmp_path)])
    assert ended.value.code == ExitCode.BAD_REQUEST
    assert f"{tmp_path / name} exists: give --force" in capsys.readouterr().err
    assert parse(["--out", str(tmp_path), "--force"]).out == tmp_path
    assert (tmp_path / name).read_text() == "of last week"


def test_the_usual_folder_has_the_report_of_the_last_run(tmp_path, monkeypatch):
    monkeypatch.setenv("CARDGEN_VAR", str(tmp_path))
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / REPORTS[0]).write_text("of the last run")
    assert parse([]).out == tmp_path / "bench"


def test_a_file_is_no_folder_for_a_report(tmp_path, capsys):
    file = tmp_path / "notes.md"
    file.write_text("mine")
    with pytest.raises(SystemExit):
        parse(["--out", str(file), "--force"])
    assert f"{file} is no folder" in capsys.readouterr().err


def test_what_was_refused_or_allowed_once_is_not_asked_again(tmp_path, monkeypatch):
    """The suite is a second process, which reads the options anew."""
    run = Mock(return_value=Mock(returncode=0))
    monkeypatch.setattr(sys, "argv", ["bench", "--out", str(tmp_path)])
    monkeypatch.setattr(bench_main, "running", nullcontext)
    monkeypatch.setattr(subprocess, "run", run)
    assert bench_main.main() == 0
    (tmp_path / REPORTS[0]).write_text("begun meanwhile")
    (command,) = run.call_args.args
    assert parse(command[3:]).out == tmp_path


def test_costs_that_are_there_are_kept(tmp_path, capsys):
    costs = tmp_path / "costs.json"
    costs.write_text("{}")
    with pytest.raises(SystemExit):
        simulation.parse(["--save", str(costs)])
    assert "exists: give --force" in capsys.readouterr().err
    assert simulation.parse(["--save", str(costs), "--force"]).save == costs
