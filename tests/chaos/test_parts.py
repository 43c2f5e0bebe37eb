"""The parts of chaos that must be right themselves: the proxy, the meters, the judges."""

import time

import pytest
import redis
from django.conf import settings

from cardgen.chaos.meters import Reading, growth
from cardgen.chaos.muffler import Muffler
from cardgen.chaos.outcome import Outcome
from cardgen.chaos.refusals import _honest
from cardgen.chaos.silence import Watcher
from cardgen.chaos.soak import _expect_flat, _judge_memory
from cardgen.chaos.web import Answer, Web
from cardgen.embedded import paths


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_the_proxy_swallows_a_share_of_what_is_published_and_nothing_else(share):
    muffler = Muffler(paths.valkey_socket(settings.VAR), share=share, seed="1")
    muffler.start()
    with redis.Redis(port=muffler.port) as client:
        for number in range(100):
            client.publish("nobody", b"x" * number)
            client.set("chaos", number, px=5_000)
        assert client.get("chaos") == b"99"
    assert muffler.swallowed + muffler.passed == 100
    assert abs(muffler.swallowed - 100 * share) < 20


def test_what_is_published_through_the_proxy_arrives():
    muffler = Muffler(paths.valkey_socket(settings.VAR), share=0.0, seed="1")
    muffler.start()
    with redis.Redis(port=muffler.port) as client, client.pubsub() as hearing:
        hearing.subscribe("somebody")
        hearing.get_message(timeout=5)
        big = b"\r\n" * 100_000
        client.publish("somebody", big)
        heard = hearing.get_message(timeout=5)
    assert heard["data"] == big


def readings(*megabytes: float, every: float = 60.0) -> list[Reading]:
    return [
        Reading(at=place * every, megabytes=held, descriptors=10)
        for place, held in enumerate(megabytes)
    ]


def test_growth_is_the_slope_whatever_single_readings_say():
    assert growth(readings(*(100 + number for number in range(11)))) == pytest.approx(10)
    assert growth(readings(100, 100, 900, 100, 100, 100, 100)) == 0


def test_a_leak_is_noticed_in_a_short_run_and_in_a_long_one():
    outcome = Outcome(scenario="R22", seed=1)
    _judge_memory(outcome, "web", readings(*(100 + 2 * number for number in range(11))))
    _judge_memory(outcome, "worker", readings(*(300 + 10 * hour for hour in range(5)), every=3_600))
    assert [problem.split(":")[0] for problem in outcome.problems] == ["web"]
    _judge_memory(outcome, "worker", readings(*(300 + 20 * hour for hour in range(5)), every=3_600))
    assert len(outcome.problems) == 2


def test_more_descriptors_at_the_end_than_before_are_noticed():
    outcome = Outcome(scenario="R22", seed=1)
    _expect_flat(outcome, "descriptors", [20, 24, 20, 24], spare=8)
    assert not outcome.problems
    _expect_flat(outcome, "descriptors", [20, 20, 40, 60], spare=8)
    assert outcome.problems == ["descriptors: 20, later 50"]


@pytest.mark.parametrize(
    ("status", "media_type", "body", "honest"),
    [
        (202, "application/json", b"{}", True),
        (503, "application/problem+json", b"{}", True),
        (503, "text/html", b"", False),
        (500, "application/problem+json", b'{"incident": "1"}', True),
        (500, "application/problem+json", b"{}", False),
        (0, "", b"", False),
    ],
)
def test_an_error_without_a_problem_body_or_an_id_is_not_honest(status, media_type, body, honest):
    assert _honest(Answer(status=status, media_type=media_type, body=body)) is honest


@pytest.mark.parametrize(
    ("marks", "went_back"),
    [
        ([(1, 0), (2, 10), (5, 10)], False),
        ([(1, 0), (3, 10), (2, 10)], True),
        ([(1, 5), (2, 4)], True),
    ],
)
def test_figures_that_go_backwards_are_noticed(marks, went_back):
    watcher = Watcher(Web(port=1, api_key=""), job_id="")
    watcher.shown = [{"version": version, "produced": produced} for version, produced in marks]
    assert watcher.went_back is went_back


def test_a_request_nobody_heard_is_told_from_one_that_was_cut_off():
    started = time.monotonic()
    answer = Web(port=1, api_key="").ask("/")
    assert (answer.status, answer.was_cut_off) == (0, False)
    assert time.monotonic() - started < 5
