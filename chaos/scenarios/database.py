"""R4: the postmaster killed while cards are being copied."""

import time
from collections.abc import Mapping

from django.db import DatabaseError, connection, connections
from psycopg import Error as DriverError

from chaos.outcome import Failure, Outcome
from chaos.world import world as load
from chaos.world.web import Web
from chaos.world.world import World
from jobs.models import Chunk, ChunkState

_STOCK, _LITTLE = 100_000, 25_000
_BACK_WITHIN = 30.0
_COPIES_WITHIN = 60.0
_TRIES = 5  # for each kill that is to count
_COPYING = """
    SELECT c.id, c.epoch FROM jobs_chunk c JOIN pg_stat_progress_copy p ON p.pid = c.backend_pid
    WHERE c.state = 'running' AND p.type = 'PIPE'
"""


def kill_postmaster(world: World, outcome: Outcome, count: int) -> None:
    """R4: kill PostgreSQL in mid-COPY, start it again, see that web and workers come back."""
    web = world.start_web()
    world.start("reconciler")
    world.start("worker")
    for number in range(count):
        _cut_off(world, outcome, web)
        world.say(f"postmaster {number + 1} of {count} killed, all back", done=number + 1, of=count)
    world.finish(seconds=180)


def _cut_off(world: World, outcome: Outcome, web: Web) -> None:
    """Kill it until a COPY was cut off; a kill after which every COPY was still done counts not.

    :raises Failure: if none ever is
    """
    for _ in range(_TRIES):
        copied = _copying_at_random(world)
        world.postgres.kill()
        connections.close_all()
        _expect_unavailable(web, outcome)
        started = time.monotonic()
        world.postgres.start()
        cut = _cut(copied)
        outcome.faults["postmasters killed during COPY" if cut else "postmasters killed late"] += 1
        outcome.faults["COPYs cut off"] += cut
        seconds = _come_back(world, web, started=started)
        outcome.recovered(seconds, within=_BACK_WITHIN, what="the return of API and workers")
        if cut:
            return
    raise Failure(f"no COPY was cut off in {_TRIES} kills")


def _copying_at_random(world: World) -> dict[int, int]:
    """Wait for a random moment of some chunk's COPY; return such chunks and their epochs."""
    found: list[dict[int, int]] = []

    def somebody_copies() -> bool:
        world.keep_busy(_STOCK)
        time.sleep(world.random.uniform(0, 0.3))
        found.append(_copying())
        return bool(found[-1])

    world.until(somebody_copies, what="cards are copied", seconds=_COPIES_WITHIN)
    return found[-1]


def _cut(copied: Mapping[int, int]) -> int:
    """Count the chunks whose COPY was not done when the server died."""
    done = Chunk.objects.filter(id__in=copied, state=ChunkState.DONE)
    committed = [pk for pk, epoch in done.values_list("id", "epoch") if copied[pk] == epoch]
    return len(copied) - len(committed)


def _come_back(world: World, web: Web, *, started: float) -> float:
    """Wait until the API answers and cards are minted again; return how long after the start."""
    left = started + _BACK_WITHIN - time.monotonic()
    world.until(lambda: _jobs(web) == 200, what="the API answers again", seconds=left)
    world.keep_busy(_LITTLE)
    before = load.produced()
    left = started + _BACK_WITHIN - time.monotonic()
    world.until(
        lambda: load.produced() > before, what="cards are minted again", seconds=max(left, 1)
    )
    return time.monotonic() - started


def _expect_unavailable(web: Web, outcome: Outcome) -> None:
    """Ask while there is no database: an RFC 9457 problem with status 503, and soon."""
    answer = web.ask("/api/v1/cards/jobs", timeout=20)
    outcome.expect(
        answer.status == 503 and answer.is_problem,
        f"without a database the API answered {answer.status} {answer.media_type}",
    )
    if answer.status == 503:
        outcome.faults["requests answered 503"] += 1


def _jobs(web: Web) -> int:
    return web.ask("/api/v1/cards/jobs", timeout=5).status


def _copying() -> dict[int, int]:
    try:
        with connection.cursor() as cursor:
            cursor.execute(_COPYING)
            return dict(cursor.fetchall())
    except (DatabaseError, DriverError) as error:
        raise Failure(f"the database went away by itself: {type(error).__name__}") from None
