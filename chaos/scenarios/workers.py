"""R1: workers killed whole, again and again, under load."""

import time

from django.db import connection

from chaos.outcome import Failure, Outcome
from chaos.scenarios.children import pid_of
from chaos.world import world as load
from chaos.world.attempts import at_stake
from chaos.world.victims import Victim
from chaos.world.world import World
from jobs.models import Chunk, ChunkState

_STOCK = 60_000
_UP_SECONDS = 30.0
_CALM_SECONDS = 2.0
_AT_WORK = 3
_BETWEEN_KILLS = (0.7, 4.5)
_GRACE = 15.0
_ORPHANED = 0.25  # of the kills of R1 leave the children alive
_OVERDUE = """
    SELECT coalesce(max(extract(epoch FROM clock_timestamp() - lease_until)), 0)::float8
    FROM jobs_chunk WHERE state = 'running'
"""


def kill_workers(world: World, outcome: Outcome, count: int) -> None:
    """R1: kill whole workers at random moments, three at work, each replaced at once.

    A worker needs a second or more of the machine's time to come up: were they killed much faster
    than they come, the rate would tell of that alone. Chunks are small, so that most kills fall
    near the edges of one.
    """
    world.start("reconciler")
    workers = [_one_process(world) for _ in range(_AT_WORK)]
    calm = _calm_rate(world, workers)
    started, before = time.monotonic(), load.produced()
    for number in range(count):
        _watch(world, outcome, seconds=world.random.uniform(*_BETWEEN_KILLS))
        world.until(lambda: _spared(world), what="last attempts end", seconds=_UP_SECONDS)
        place = world.random.randrange(len(workers))
        _kill(world, outcome, workers[place])
        workers[place] = _one_process(world)
        world.say(f"worker {number + 1} of {count} killed", done=number + 1, of=count)
    rate = (load.produced() - before) / (time.monotonic() - started)
    calm = (calm + _calm_rate(world, workers)) / 2
    world.finish(seconds=120)
    outcome.facts["calm_cards_per_second"] = round(calm)
    outcome.facts["cards_per_second_under_fire"] = round(rate)
    outcome.facts["of_the_calm_rate"] = round(rate / calm, 2)
    outcome.expect(rate >= calm / 2, f"{rate:,.0f} cards/s under fire, {calm:,.0f} when calm")


def _one_process(world: World) -> Victim:
    return world.start("worker", "--concurrency", "1")


def _spared(world: World) -> bool:
    """Tell whether a kill would cost no chunk its last attempt."""
    world.keep_busy(_STOCK)
    return not at_stake()


def _kill(world: World, outcome: Outcome, worker: Victim) -> None:
    if world.random.random() < _ORPHANED:
        outcome.faults["workers killed, children orphaned"] += 1
        worker.kill_alone()
    else:
        outcome.faults["workers killed whole"] += 1
        worker.kill()


def _calm_rate(world: World, workers: list[Victim]) -> float:
    """Measure cards a second with nothing broken, once each of the workers has been seen at it."""
    world.keep_busy(_STOCK)
    seen: set[int] = set()
    world.until(lambda: _all_seen(world, workers, seen), what="all mint", seconds=_UP_SECONDS)
    before, started = load.produced(), time.monotonic()
    while time.monotonic() < started + _CALM_SECONDS:
        world.keep_busy(_STOCK)
        time.sleep(0.05)
    return (load.produced() - before) / (time.monotonic() - started)


def _all_seen(world: World, workers: list[Victim], seen: set[int]) -> bool:
    world.keep_busy(_STOCK)
    seen |= {pid_of(chunk) for chunk in Chunk.objects.filter(state=ChunkState.RUNNING)}
    return all(seen & {child.pid for child in worker.children()} for worker in workers)


def _watch(world: World, outcome: Outcome, *, seconds: float) -> None:
    """Let time pass, with work to do, and see that no chunk is forgotten by all."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        world.keep_busy(_STOCK)
        overdue = _overdue()
        worst = max(float(outcome.facts.get("longest_past_a_lease", 0)), round(overdue, 1))
        outcome.facts["longest_past_a_lease"] = worst
        if overdue > _GRACE:
            raise Failure(f"a chunk lay idle {overdue:.0f} s longer than its lease")
        time.sleep(0.1)


def _overdue() -> float:
    with connection.cursor() as cursor:
        cursor.execute(_OVERDUE)
        return float(cursor.fetchone()[0])
