"""The parts of chaos that must be right themselves: the proxy, the meters, the judges."""

import random
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db.models.functions import Now

from cardgen.embedded import paths
from chaos.outcome import Failure, Outcome
from chaos.remaining import Estimate
from chaos.scenarios.children import chosen, held
from chaos.scenarios.refusals import _honest
from chaos.scenarios.silence import PageWatcher
from chaos.scenarios.soak import _expect_flat, _judge_memory
from chaos.world import released
from chaos.world.attempts import at_stake
from chaos.world.meters import Reading, growth
from chaos.world.muffler import Muffler
from chaos.world.victims import Victim
from chaos.world.web import Answer, Web
from jobs import work
from jobs.models import Chunk


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
    ("ago", "done", "told"),
    [
        (10, 0, ""),
        (10, 1, ", about 30 s left"),
        (600, 1, ", about 30 minutes left"),
        (10, 4, ""),
        (10, 5, ""),
    ],
)
def test_the_time_left_is_told_while_something_is_left(ago, done, told):
    assert Estimate(began=time.monotonic() - ago).left(done=done, of=4) == told


@pytest.mark.parametrize(
    ("marks", "went_back"),
    [
        ([(1, 0), (2, 10), (5, 10)], False),
        ([(1, 0), (3, 10), (2, 10)], True),
        ([(1, 5), (2, 4)], True),
    ],
)
def test_figures_that_go_backwards_are_noticed(marks, went_back):
    watcher = PageWatcher(Web(port=1, api_key=""), job_id="")
    watcher.shown = [{"version": version, "produced": produced} for version, produced in marks]
    assert watcher.went_back is went_back


def test_a_request_nobody_heard_is_told_from_one_that_was_cut_off():
    started = time.monotonic()
    answer = Web(port=1, api_key="").ask("/")
    assert (answer.status, answer.was_cut_off) == (0, False)
    assert time.monotonic() - started < 5


_TWO_CHILDREN = "import os, time; os.fork(); os.fork(); time.sleep(60)"


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[Victim]:
    """A process with children."""
    victim = Victim([sys.executable, "-c", _TWO_CHILDREN], log=tmp_path / "log", environment={})
    while len(victim.children()) < 3:
        time.sleep(0.01)
    yield victim
    victim.kill()


def hold(chunk: Chunk, *, pid: int) -> None:
    """Have a process hold the chunk."""
    lease = work.lease_in(chunk.job_id)
    assert lease is not None
    Chunk.objects.filter(id=lease.chunk_id).update(worker=f"{socket.gethostname()}:{pid}")


def test_a_seed_chooses_the_same_victim_again(submit, parent):
    for child in parent.children():
        hold(submit(count=10).chunks.get(), pid=child.pid)
    hold(submit(count=10).chunks.get(), pid=1)
    found = [chunk.pk for chunk in held(parent)]
    assert len(found) == 3
    assert found == sorted(found)
    runs = [[chosen(random.Random(seed), held(parent)) for seed in range(20)] for _ in range(2)]
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 3


@pytest.mark.parametrize(
    ("state", "attempts", "stake"),
    [
        ("running", 5, True),
        ("running", 4, False),
        ("waiting", 4, True),
        ("waiting", 3, False),
        ("done", 5, False),
    ],
)
def test_what_may_not_be_killed_is_what_would_be_given_up(submit, state, attempts, stake):
    lease = Now() if state == "running" else None
    mine = Chunk.objects.filter(job=submit(count=10))
    mine.update(state=state, attempts=attempts, lease_until=lease)
    assert at_stake() is stake


def test_the_code_of_the_last_release_is_there_and_a_clone_without_it_is_told(
    tmp_path, monkeypatch
):
    folder = released.unpack(tmp_path / "code")
    assert (folder / "manage.py").is_file()
    monkeypatch.setattr(released, "COMMIT", "0" * 40)
    with pytest.raises(Failure, match="git fetch --unshallow"):
        released.unpack(tmp_path / "none")
