"""A run is held against the last one of the same machine."""

from dataclasses import replace

from bench.report import history, terminal

_KEY = "single/view/1/p50"


def test_there_is_nothing_before_the_first_run(make_report, tmp_path):
    assert history.last(tmp_path / "none.jsonl", make_report()) == {}


def test_the_last_run_counts(make_report, tmp_path):
    file = tmp_path / "deep" / "history.jsonl"
    for milliseconds in (5.0, 3.0):
        history.add(file, make_report(milliseconds))
    assert history.last(file, make_report())[_KEY] == 3.0
    assert len(file.read_text().splitlines()) == 2


def test_other_machines_and_quick_runs_are_no_measure(make_report, machine, tmp_path):
    file = tmp_path / "history.jsonl"
    other = replace(make_report(9.0), machine=replace(machine, cores=64))
    for report in (make_report(3.0), other, make_report(9.0, quick=True)):
        history.add(file, report)
    assert history.last(file, make_report())[_KEY] == 3.0


def test_another_load_and_kernel_is_the_same_machine(make_report, machine, tmp_path):
    file = tmp_path / "history.jsonl"
    busy = replace(machine, load=9.0, kernel="Linux 7")
    history.add(file, replace(make_report(3.0), machine=busy))
    assert history.last(file, make_report())[_KEY] == 3.0


def test_a_run_of_one_part_leaves_the_others_as_they_were(make_report, tmp_path):
    file = tmp_path / "history.jsonl"
    whole = make_report(3.0)
    history.add(file, whole)
    history.add(file, replace(make_report(4.0), rows=[]))
    assert history.last(file, whole)[_KEY] == 3.0


def test_more_than_a_tenth_worse_is_a_drop(make_report):
    (row,) = [row for row in make_report(11.5).rows if row.key == _KEY]
    assert terminal.dropped(row, {_KEY: 10.0})
    assert not terminal.dropped(row, {_KEY: 11.0})
    assert not terminal.dropped(row, {_KEY: 20.0})
    assert not terminal.dropped(row, {})
