"""R13: jobs cancelled, paused, resumed and retried at random points of their lives."""

import time
from datetime import UTC, datetime, timedelta

from django.db import connection

from cardgen.chaos.outcome import Outcome
from cardgen.chaos.web import Web
from cardgen.chaos.world import World
from jobs.models import Job
from jobs.states import FINAL

_CARDS = (2_000, 60_000)
_MOST_MOVES = 5
_FAILING = 0.3  # of the jobs get a deadline that they may miss, so that retry has something to do
_MOVES = ("cancel", "pause", "resume", "retry")
_IN_LEDGER = """
    SELECT count(*) FROM uniqueness_ledger l JOIN jobs_chunk c
        ON l.slot >= c.first_slot AND l.slot < c.end_slot
    WHERE c.job_id = %s AND c.state = 'done'
"""


def meddle(world: World, outcome: Outcome, count: int) -> None:
    """R13: make so many moves; ledger, figure and download must agree about every job."""
    web = world.start_web()
    world.start("reconciler")
    world.start("worker")
    while sum(outcome.faults.values()) < count:
        job_id = _ordered(world, web)
        for _ in range(world.random.randint(1, _MOST_MOVES)):
            time.sleep(world.random.uniform(0, 0.3))
            _move(world, web, outcome, job_id)
        _move(world, web, outcome, job_id, name="resume")
        _compare(world, web, outcome, job_id)
        world.say(f"{sum(outcome.faults.values())} of {count} moves made")
    world.finish(seconds=60)


def _ordered(world: World, web: Web) -> str:
    body: dict[str, object] = {"scheme": "visa", "count": world.random.randint(*_CARDS)}
    if world.random.random() < _FAILING:
        soon = timedelta(seconds=world.random.uniform(0.3, 3))
        body["deadline"] = (datetime.now(UTC) + soon).isoformat()
    answer = web.ask("/api/v1/cards/generate-async", body=body)
    return str(answer.json["id"])


def _move(world: World, web: Web, outcome: Outcome, job_id: str, *, name: str = "") -> None:
    """Ask for a move; it is done, or refused because of the state. Nothing else may happen."""
    name = name or world.random.choice(_MOVES)
    answer = web.ask(f"/api/v1/cards/jobs/{job_id}/{name}", body={})
    done = answer.status == 200
    outcome.faults[f"{name}s {'done' if done else 'refused'}"] += 1
    refused = answer.status == 409 and answer.json.get("code") == "illegal_move"
    outcome.expect(done or refused, f"{name} was answered {answer.status} {answer.body[:200]!r}")


def _compare(world: World, web: Web, outcome: Outcome, job_id: str) -> None:
    """Wait for the end; then the ledger, the figure and the file tell of equally many cards."""
    world.until(
        lambda: Job.objects.get(id=job_id).status in FINAL, what=f"job {job_id} ends", seconds=60
    )
    shown = web.ask(f"/api/v1/cards/jobs/{job_id}").json["produced"]
    file = web.ask(f"/api/v1/cards/jobs/{job_id}/result?format=csv")
    lines = max(file.body.count(b"\n") - 1, 0)
    with connection.cursor() as cursor:
        cursor.execute(_IN_LEDGER, [job_id])
        cards = int(cursor.fetchone()[0])
    outcome.expect(
        file.status == 200 and cards == shown == lines,
        f"job {job_id}: {cards} cards in the ledger, {shown} shown, {lines} downloaded",
    )
