"""R4: the postmaster killed while cards are being copied."""

import time

from django.db import DatabaseError, connection, connections
from psycopg import Error as DriverError

from cardgen.chaos import world as load
from cardgen.chaos.outcome import Failure, Outcome
from cardgen.chaos.web import Web
from cardgen.chaos.world import World

_STOCK = 150_000
_BACK_WITHIN = 30.0
_COPYING = "SELECT count(*) FROM pg_stat_progress_copy WHERE type = 'PIPE'"


def kill_postmaster(world: World, outcome: Outcome, count: int) -> None:
    """R4: kill PostgreSQL in mid-COPY, start it again, see that web and workers come back."""
    web = world.start_web()
    world.start("reconciler")
    world.start("worker")
    for number in range(count):
        world.keep_busy(_STOCK)
        world.until(_copying, what="cards are copied", seconds=30)
        time.sleep(world.random.uniform(0, 0.3))
        world.postgres.kill()
        outcome.faults["postmaster kills"] += 1
        connections.close_all()
        _expect_unavailable(web, outcome)
        seconds = _come_back(world, web)
        outcome.recovered(seconds, within=_BACK_WITHIN, what="the return of API and workers")
        world.say(f"postmaster {number + 1} of {count} killed, all back in {seconds:.1f} s")
    world.finish(seconds=180)


def _come_back(world: World, web: Web) -> float:
    """Start the server; wait until the API answers and cards are minted again."""
    started = time.monotonic()
    world.postgres.start()
    left = started + _BACK_WITHIN - time.monotonic()
    world.until(lambda: _jobs(web) == 200, what="the API answers again", seconds=left)
    before = load.produced()
    left = started + _BACK_WITHIN - time.monotonic()
    world.until(
        lambda: load.produced() > before or load.all_final(),
        what="cards are minted again",
        seconds=max(left, 1),
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


def _copying() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute(_COPYING)
            return bool(cursor.fetchone()[0])
    except (DatabaseError, DriverError) as error:
        raise Failure(f"the database went away by itself: {type(error).__name__}") from None
