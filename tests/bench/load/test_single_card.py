"""The single card is asked for, checked and held against the view, on a real web process."""

from pathlib import Path

import pytest

from bench.load import answers, single_card
from bench.load.clients import Answered
from bench.service import Service
from jobs.models import Job
from tests.support.keys import create_key
from tests.support.processes import web

_QUESTIONS = ("view", "one card", "1,000 cards", "check")


def found(**milliseconds: float) -> answers.Found:
    """Figures in which every answer to a question takes the same time."""
    return {
        (name, count): [
            Answered(times=[milliseconds.get(name.replace(" ", "_"), 1.0)], seconds=1.0, cpu=0.1)
        ]
        for count in single_card.CROWDS
        for name in _QUESTIONS
    }


@pytest.mark.django_db(transaction=True)
def test_all_questions_are_answered_by_a_real_web_process(user, catalogue, tmp_path: Path):
    key = create_key(user=user, name="bench")
    with web(tmp_path / "web.log") as address:
        rows = single_card.measure(
            Service(url=address, api_key=key), rounds=1, seconds=0.0, warm_up=0.0
        )
    assert {row.key.split("/")[1] for row in rows if "single" in row.key} == set(_QUESTIONS)
    # 16 to warm up, then 1, 16 and 64 clients with one request each.
    assert Job.objects.filter(requested=1).count() == 16 + 81
    assert all(row.value > 0 for row in rows)


def test_each_aim_of_the_single_card_has_a_row():
    aims = {row.key: row.aim for row in answers.rows(found()) if row.aim is not None}
    assert aims == {
        "single/one card/1/p50 against view": 2.0,
        "single/one card/16/rate against view": 0.5,
        "single/1,000 cards/1/p50 against one card": 3.0,
        "single/check/1/p50 against view": 1.5,
        "single/view/1/p50": 2.5,
        "single/one card/16/rate": 250.0,
        "single/one card/16/p99": 100.0,
    }


def test_a_card_is_as_slow_as_its_answers_against_the_view():
    rows = {row.key: row for row in answers.rows(found(view=2.0, one_card=5.0))}
    ratio = rows["single/one card/1/p50 against view"]
    assert (ratio.value, ratio.met) == (2.5, False)
    assert rows["single/view/1/p50"].met


def test_there_is_a_row_for_every_question_crowd_and_figure():
    rows = [row for row in answers.rows(found()) if row.key.startswith("single/")]
    rows = [row for row in rows if not row.theirs]
    assert len(rows) == len(_QUESTIONS) * len(single_card.CROWDS) * 3


def test_the_clients_tell_what_they_took_themselves():
    (told,) = [row for row in answers.rows(found()) if row.key.startswith("clients/")]
    assert told.value == pytest.approx(100.0)
