"""`python -m chaos`: its options, its report, and that a failure is one."""

import json
from io import StringIO
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from chaos import report
from chaos.command import Command
from chaos.outcome import Outcome, Size
from chaos.proof import prove
from chaos.suite import SCENARIOS
from chaos.world import cluster
from jobs import control, upkeep, work
from jobs.models import Chunk, Job
from jobs.work import MAX_ATTEMPTS
from tests.support.actors import somebody
from tests.support.fixtures import silent
from uniqueness.models import Card


def an_outcome(*, problems: list[str]) -> dict[str, object]:
    outcome = Outcome(scenario="R2", seed=7, problems=problems, recoveries=[3.0, 1.0, 2.0])
    outcome.faults["pool children killed"] += 3
    return outcome.as_dict()


def test_the_list_says_what_each_scenario_does_and_when_it_passes():
    out = StringIO()
    call_command(Command(), "--list", stdout=out)
    for scenario in SCENARIOS:
        assert f"{scenario.id:<4} {scenario.fault}" in out.getvalue()
        assert scenario.passes in out.getvalue()


def test_an_unknown_scenario_is_refused_with_those_there_are():
    with pytest.raises(CommandError, match="there is no scenario 'R99'; there are R1, ") as refused:
        call_command(Command(), "--scenario", "R99")
    assert refused.value.returncode == 2


def test_an_unknown_scenario_is_not_listed_either():
    with pytest.raises(CommandError, match="there is no scenario 'R99'"):
        call_command(Command(), "--list", "--scenario", "R99")


def test_the_list_shows_the_chosen_scenarios_alone():
    out = StringIO()
    call_command(Command(), "--list", "--scenario", "R6", stdout=out)
    assert out.getvalue().startswith("R6 ")
    assert "R1 " not in out.getvalue()


def test_a_scenario_of_several_servers_says_what_it_needs(monkeypatch):
    monkeypatch.setattr(cluster, "PROGRAMS", "")
    with pytest.raises(CommandError, match=r"^R24: name in CARDGEN_CITUS_PROGRAMS") as refused:
        call_command(Command(), "--scenario", "R6", "--scenario", "R24")
    assert refused.value.returncode == 2


def test_a_folder_that_cannot_be_written_is_refused_before_the_run(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match=r"cannot write .+: Not a directory") as refused:
        call_command(Command(), "--scenario", "R6", "--out", str(tmp_path / "file" / "out"))
    assert refused.value.returncode == 2


def test_an_older_report_is_kept(tmp_path):
    (tmp_path / "chaos.json").write_text("{}")
    with pytest.raises(CommandError, match=r"chaos.json exists, .* --force") as refused:
        call_command(Command(), "--scenario", "R6", "--out", str(tmp_path))
    assert refused.value.returncode == 2


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--jobs", "0", "--jobs is from 1 to 8"),
        ("--jobs", "9", "--jobs is from 1 to 8"),
        ("--minutes", "0", "--minutes is more than 0 and at most 10,080"),
        ("--minutes", "nan", "--minutes is more than 0 and at most 10,080"),
        ("--minutes", "1e9", "--minutes is more than 0 and at most 10,080"),
    ],
)
def test_an_impossible_plan_is_refused(option, value, told):
    with pytest.raises(CommandError, match=told) as refused:
        call_command(Command(), option, value)
    assert refused.value.returncode == 2


def test_a_full_run_does_more_than_a_usual_one_and_that_more_than_a_test():
    for scenario in SCENARIOS:
        smallest, usual, full = (scenario.count(size) for size in Size)
        assert 1 <= smallest <= usual <= full


def test_the_report_tells_how_to_do_it_again(tmp_path):
    outcomes = [an_outcome(problems=[])]
    report.save(outcomes, size=Size.FULL, seed=7, out=tmp_path / "new", logs=tmp_path)
    again = "python -m chaos --scenario R2 --full --seed 7"
    assert again in (tmp_path / "new" / "chaos.md").read_text()
    found = json.loads((tmp_path / "new" / "chaos.json").read_text())
    assert found["command"] == again
    assert found["passed"]
    assert found["outcomes"][0]["recovery_seconds"] == {"count": 3, "median": 2.0, "worst": 3.0}


def test_the_report_names_what_could_not_be_run(tmp_path):
    outcomes = [an_outcome(problems=[])]
    out = tmp_path / "new"
    report.save(outcomes, size=Size.FULL, seed=7, out=out, logs=tmp_path, left_out=["R24", "R25"])
    (first, *_) = (out / "chaos.md").read_text().splitlines()
    assert first == "# Chaos: 1 of 1 scenarios passed; not run: R24, R25"
    assert json.loads((out / "chaos.json").read_text())["not_run"] == ["R24", "R25"]


def test_the_logs_of_what_failed_are_kept(tmp_path):
    (tmp_path / "R2").mkdir()
    (tmp_path / "R2" / "worker.log").write_text("why")
    outcomes = [an_outcome(problems=["too late"])]
    report.save(outcomes, size=Size.USUAL, seed=7, out=tmp_path / "new", logs=tmp_path)
    assert (tmp_path / "new" / "R2" / "worker.log").read_text() == "why"
    assert "**FAILED**" in (tmp_path / "new" / "chaos.md").read_text()
    assert not json.loads((tmp_path / "new" / "chaos.json").read_text())["passed"]


def minted(submit) -> Outcome:
    submit(count=500)
    work.finish([], job_id=Job.objects.get().id, quiet=False)
    return Outcome(scenario="R23", seed=1)


def test_the_proof_holds_for_a_job_that_is_whole(submit):
    outcome = minted(submit)
    prove(outcome)
    assert (outcome.cards, outcome.lost, outcome.problems) == (500, 0, [])


@pytest.mark.parametrize("damage", ["lost", "changed"])
def test_the_proof_notices_one_card_lost_or_changed(submit, damage):
    outcome = minted(submit)
    card = Card.objects.first()
    if damage == "lost":
        Card.objects.filter(slot=card.slot).delete()
    else:
        Card.objects.filter(slot=card.slot).update(cvv="000" if card.cvv != "000" else "111")
    prove(outcome)
    assert outcome.problems
    assert outcome.lost == (damage == "lost")


def given_up(submit) -> Job:
    """A job one of whose chunks has died with every worker that took it."""
    job = submit(count=500)
    failed = {"state": "failed", "attempts": MAX_ATTEMPTS, "error": "the worker went silent"}
    Chunk.objects.filter(job=job).update(**failed)
    upkeep.reconcile(ring=silent)
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "chunk_failed")
    return job


def test_the_proof_counts_every_card_of_a_job_that_was_given_up(submit):
    job = given_up(submit)
    outcome = Outcome(scenario="R23", seed=1)
    prove(outcome)
    assert (outcome.cards, outcome.lost, outcome.jobs_failed) == (0, 500, 1)
    assert f"job {job.id} ended by chunk_failed with 0 of 500 cards: A part" in outcome.problems[0]


def test_the_proof_counts_every_card_of_a_job_that_has_not_ended(submit):
    job = submit(count=500)
    outcome = Outcome(scenario="R23", seed=1)
    prove(outcome)
    assert outcome.lost == 500
    assert f"job {job.id} is still queued with 0 of 500 cards" in outcome.problems[0]


def test_a_job_that_the_scenario_cancelled_owes_what_it_has_produced(submit):
    job = control.cancel(submit(count=500), actor=somebody())
    outcome = Outcome(scenario="R13", seed=1)
    outcome.may_end(job.id, "cancelled")
    prove(outcome)
    assert (outcome.lost, outcome.jobs_failed, outcome.problems) == (0, 0, [])
    assert outcome.facts["jobs_ended_short_as_meant"] == 1


def test_leave_to_be_cancelled_is_no_leave_to_fail(submit):
    job = given_up(submit)
    outcome = Outcome(scenario="R13", seed=1)
    outcome.may_end(job.id, "cancelled")
    prove(outcome)
    assert (outcome.lost, outcome.jobs_failed) == (500, 1)


def test_the_proof_notices_an_accepted_job_that_has_gone(submit):
    outcome = minted(submit)
    prove(outcome, accepted={Job.objects.get().id: 500, uuid4(): 7})
    assert outcome.problems == [
        "1 accepted job is gone",
        "507 cards promised, 500 there",
    ]
    assert outcome.lost == 7


def test_the_page_about_reliability_has_the_same_table():
    page = (settings.BASE_DIR / "docs" / "reliability.md").read_text()
    for one in SCENARIOS:
        counts = " / ".join(f"{count:,}" for count in one.counts)
        assert f"| {one.id} | {one.fault} | {one.passes} | {counts} |\n" in page
