"""R13: jobs cancelled, paused, resumed and retried at random points of their lives."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta

from django.db import connection

from chaos.outcome import Failure, Outcome
from chaos.world.web import Web
from chaos.world.world import World
from jobs.models import FINAL, Job, Status
from toolkit.wording import counted

_CARDS = (2_000, 60_000)
_MOST_MOVES = 5
_FAILING = 0.35  # of the jobs are paused when their deadline passes: retry has something to do
_DEADLINE = (0.3, 1.5)
_STRAY = 0.2  # of the moves are any of the four, the others one that the state seems to allow
_MOVES = {"cancel": "cancels", "pause": "pauses", "resume": "resumes", "retry": "retries"}
_SENSIBLE: dict[Status, list[str]] = {
    Status.QUEUED: ["pause", "cancel"],
    Status.RUNNING: ["pause", "cancel"],
    Status.PAUSED: ["resume", "cancel"],
    Status.FAILED: ["retry"],
}
_OF_EACH = 20  # one in so many moves at least is of each kind
_JOBS_PER_MOVE = 5  # more than that, and the moves do not take effect as they should
_IN_LEDGER = """
    SELECT count(*) FROM uniqueness_ledger l JOIN jobs_chunk c
        ON l.slot >= c.first_slot AND l.slot < c.end_slot
    WHERE c.job_id = %s AND c.state = 'done'
"""


def meddle(world: World, outcome: Outcome, count: int) -> None:
    """R13: make moves until so many took effect; ledger, figure and download must agree.

    :raises Failure: if most moves, or all of one kind, are refused
    """
    web = world.start_web()
    world.start("reconciler")
    world.start("worker")
    done: Counter[str] = Counter()
    for _ in range(_JOBS_PER_MOVE * count):
        _live(world, web, outcome, done)
        world.say(f"{done.total()} of {count} moves done", done=done.total(), of=count)
        if done.total() >= count and min(done[name] for name in _MOVES) >= count / _OF_EACH:
            break
    else:
        raise Failure(f"only these moves took effect: {dict(done)}")
    world.finish(seconds=60)
    outcome.facts["moves_done"] = done.total()


def _live(world: World, web: Web, outcome: Outcome, done: Counter[str]) -> None:
    """Order a job, meddle with it at random moments, bring it to its end, look at its cards."""
    late = world.random.random() < _FAILING
    job_id = _ordered(world, web, late=late)
    if late:
        outcome.may_end(job_id, "deadline_missed")
        _move(web, outcome, done, job_id, name="pause")
    for _ in range(world.random.randint(0, 1) if late else _MOST_MOVES):
        time.sleep(world.random.uniform(0, 0.2))
        _move(web, outcome, done, job_id, name=_wish(world, done, job_id))
        if Job.objects.filter(id=job_id, status__in=FINAL).exists():
            break
    if not late:
        _move(web, outcome, done, job_id, name="resume")
    if _ended(world, job_id) is Status.FAILED:
        _move(web, outcome, done, job_id, name="retry")
        _ended(world, job_id)
    _compare(web, outcome, job_id)


def _ordered(world: World, web: Web, *, late: bool) -> str:
    body: dict[str, object] = {"scheme": "visa", "count": world.random.randint(*_CARDS)}
    if late:
        soon = timedelta(seconds=world.random.uniform(*_DEADLINE))
        body["deadline"] = (datetime.now(UTC) + soon).isoformat()
    return str(web.ask("/api/v1/cards/generate-async", body=body).json["id"])


def _wish(world: World, done: Counter[str], job_id: str) -> str:
    """Choose a move: as a rule the rarest of those that the state allowed a moment ago."""
    if world.random.random() < _STRAY:
        return world.random.choice([*_MOVES])
    sensible = _SENSIBLE.get(Status(Job.objects.get(id=job_id).status), [*_MOVES])
    return min(sensible, key=lambda name: (done[name], world.random.random()))


def _move(web: Web, outcome: Outcome, done: Counter[str], job_id: str, *, name: str) -> None:
    """Ask for a move; it is done, or refused because of the state. Nothing else may happen."""
    answer = web.ask(f"/api/v1/cards/jobs/{job_id}/{name}", body={})
    if answer.status == 200:
        done[name] += 1
        outcome.faults[f"{_MOVES[name]} done"] += 1
        _expect_from_now_on(outcome, job_id, name=name)
        return
    outcome.faults["moves refused"] += 1
    refused = answer.status == 409 and answer.json.get("code") == "illegal_move"
    outcome.expect(refused, f"{name} was answered {answer.status} {answer.body[:200]!r}")


def _expect_from_now_on(outcome: Outcome, job_id: str, *, name: str) -> None:
    """Whoever cancels a job has what is there by then; a retry takes the deadline away."""
    if name == "cancel":
        outcome.may_end(job_id, "cancelled")
    elif name == "retry":
        outcome.may_no_longer_end(job_id, "deadline_missed")


def _ended(world: World, job_id: str) -> Status:
    """Wait until the job has ended; return how."""
    world.until(
        lambda: Job.objects.get(id=job_id).status in FINAL, what=f"job {job_id} ends", seconds=60
    )
    return Status(Job.objects.get(id=job_id).status)


def _compare(web: Web, outcome: Outcome, job_id: str) -> None:
    """The ledger, the figure and the file tell of equally many cards."""
    shown = web.ask(f"/api/v1/cards/jobs/{job_id}").json["produced"]
    file = web.ask(f"/api/v1/cards/jobs/{job_id}/result?format=csv")
    lines = max(file.body.count(b"\n") - 1, 0)
    with connection.cursor() as cursor:
        cursor.execute(_IN_LEDGER, [job_id])
        cards = int(cursor.fetchone()[0])
    outcome.expect(
        file.status == 200 and cards == shown == lines,
        f"job {job_id}: {counted(cards, 'card')} in the ledger, {shown} shown, {lines} downloaded",
    )
