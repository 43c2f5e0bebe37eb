"""R14: no reconciler at all for a while, and five of them at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection, connections

from chaos.outcome import Failure, Outcome
from chaos.world.attempts import at_stake
from chaos.world.victims import Victim
from chaos.world.world import World, silent
from jobs import upkeep
from jobs.models import Chunk, ChunkState

_AT_ONCE = 5
_TRIES = 20
_STOCK = 50_000
_SILENCE = {1: 3.0, 2: 10.0, 20: 600.0}
_DRAINED = 1.0
# A server process that was sent its COMMIT before the kill still commits.
_LEFT = """
    SELECT count(*) FROM jobs_chunk c JOIN pg_stat_activity a
        ON a.pid = c.backend_pid AND a.backend_start = c.backend_start WHERE c.state = 'running'
"""


def crowd_and_miss(world: World, outcome: Outcome, count: int) -> None:
    """R14: no reconciler comes for long; then, after each dead worker, five come at once."""
    _do_without(world, outcome, seconds=_SILENCE[count])
    for number in range(count):
        worker = _killed_in_mid_job(world)
        outcome.faults["workers killed whole"] += 1
        _expect_one_effect(world, outcome)
        world.say(
            f"crowd {number + 1} of {count} came, worker {worker.pid} was dead",
            done=number + 1,
            of=count,
        )
    world.start("worker")
    world.start("reconciler")
    world.finish(seconds=60)


def _killed_in_mid_job(world: World) -> Victim:
    """Kill a worker that leaves a chunk behind; one that had just committed its last does not.

    :raises Failure: if none does
    """
    for _ in range(_TRIES):
        worker = world.start("worker")
        world.until(lambda: _mints(world), what="a worker mints", seconds=60)
        worker.kill()
        world.until(_nobody_commits, what="the dead worker's connections are gone", seconds=30)
        if Chunk.objects.filter(state=ChunkState.RUNNING).exists():
            return worker
    raise Failure(f"no worker was killed with a chunk in hand in {_TRIES} tries")


def _mints(world: World) -> bool:
    """Tell whether somebody holds a chunk that may be killed."""
    world.keep_busy(_STOCK)
    return Chunk.objects.filter(state=ChunkState.RUNNING).exists() and not at_stake()


def _nobody_commits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_LEFT)
        return not cursor.fetchone()[0]


def _expect_one_effect(world: World, outcome: Outcome) -> None:
    """A chunk taken back five times would have been counted, or failed, five times."""
    held = dict(Chunk.objects.filter(state=ChunkState.RUNNING).values_list("id", "attempts"))
    outcome.faults["chunks of the dead"] += len(held)
    bells: list[int] = []
    gate = Barrier(_AT_ONCE)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda _: _reconcile(gate, bells), range(_AT_ONCE)))
    outcome.faults["reconcilers at once"] += _AT_ONCE
    found = dict(Chunk.objects.filter(id__in=held).values_list("id", "state"))
    outcome.expect(
        set(found.values()) <= {ChunkState.WAITING}, "a dead worker's chunk was not taken back"
    )
    again = dict(Chunk.objects.filter(id__in=held).values_list("id", "attempts"))
    outcome.expect(held == again, "a chunk was taken back more than once")


def _reconcile(gate: Barrier, bells: list[int]) -> None:
    gate.wait(10)
    try:
        upkeep.reconcile(ring=lambda: bells.append(1))
    finally:
        connections.close_all()  # this thread's own


def _do_without(world: World, outcome: Outcome, *, seconds: float) -> None:
    """A worker that gets no bell sits idle; the reconciler, when it comes, has it finish all."""
    worker, clocks = world.start("worker"), world.start_clocks()
    world.submit(_STOCK)
    world.finish(seconds=60)
    for clock in clocks:
        clock.kill()
    time.sleep(_DRAINED)
    job = world.submit(_STOCK, ring=silent)
    time.sleep(seconds)
    job.refresh_from_db()
    outcome.expect(job.produced == 0, "somebody worked without a bell")
    outcome.faults["jobs without bell and reconciler"] += 1
    outcome.facts["seconds_without_reconciler"] = seconds
    again = world.start_clocks()
    world.finish(seconds=60)
    for victim in (worker, *again):
        victim.kill()
