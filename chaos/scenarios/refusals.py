"""R19: PostgreSQL refuses: no room on disk, locks, time limits, no connection left."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

from django.db import connection

from chaos.outcome import Outcome
from chaos.world.faults import (
    full_disk,
    hogged_connections,
    locked_ledger,
    measure_disk_full,
    short_statements,
)
from chaos.world.victims import Victim
from chaos.world.web import Answer, Web
from chaos.world.world import World
from jobs.models import Chunk, Job
from toolkit.wording import counted

_STOCK = 100_000
_REQUESTS: tuple[tuple[str, dict[str, object] | None], ...] = (
    ("/api/v1/cards/generate", {"scheme": "visa", "count": 5}),
    ("/api/v1/cards/generate-async", {"scheme": "visa", "count": 500}),
    ("/api/v1/cards/jobs", None),
)
_NOTICED_WITHIN = 30.0
_BACK_WITHIN = 30.0
_NOTICED = re.compile("will be retried|stays with its lease|OperationalError")
_FAULTS: dict[str, Callable[[World], AbstractContextManager[None]]] = {
    "disks full": full_disk,
    "lock timeouts": locked_ledger,
    "statement timeouts": short_statements,
    "connections used up": hogged_connections,
}
_DISK_FULL = "53100"
_NO_LIMITS = "SET statement_timeout = 0; SET lock_timeout = 0; SET application_name = 'chaos'"


def refuse(world: World, outcome: Outcome, count: int) -> None:
    """R19: make PostgreSQL refuse in four ways; chunks are retried, requests told honestly."""
    web = world.start_web()
    programs = [world.start("reconciler"), world.start("worker")]
    with connection.cursor() as cursor:
        cursor.execute(_NO_LIMITS)
    for number in range(count):
        for name, fault in _FAULTS.items():
            world.keep_busy(_STOCK)
            with fault(world):
                if fault is full_disk:
                    state = measure_disk_full()
                    outcome.expect(state == _DISK_FULL, f"a full disk gave SQLSTATE {state}")
                _suffer(world, outcome, web, programs)
            outcome.faults[name] += 1
            seconds = _come_back(world)
            outcome.recovered(seconds, within=_BACK_WITHIN, what=f"the retry after: {name}")
            world.say(
                f"{name}, {number + 1} of {count}: all retried after {seconds:.1f} s",
                done=number + 1,
                of=count,
            )
    world.finish(seconds=120)
    failed = Job.objects.exclude(status="succeeded").count()
    outcome.expect(failed == 0, f"{counted(failed, 'job')} did not succeed")


def _suffer(world: World, outcome: Outcome, web: Web, programs: list[Victim]) -> None:
    """Let the fault last until those who mint have met it, and ask for things meanwhile."""
    before = _complaints(programs)
    world.until(
        lambda: _complaints(programs) > before,
        what="those who mint meet the fault",
        seconds=_NOTICED_WITHIN,
    )
    with ThreadPoolExecutor(len(_REQUESTS)) as pool:
        answers = list(pool.map(lambda one: web.ask(one[0], body=one[1]), _REQUESTS))
    for (path, _), answer in zip(_REQUESTS, answers, strict=True):
        outcome.faults[f"requests answered {answer.status}"] += 1
        outcome.expect(
            _honest(answer), f"{path} was answered {answer.status} {answer.body[:200]!r}"
        )


def _complaints(programs: list[Victim]) -> int:
    return sum(len(_NOTICED.findall(program.log.read_text())) for program in programs)


def _honest(answer: Answer) -> bool:
    """Tell whether it is an answer, 503, or an error with an id to find it by in the log."""
    if answer.status in {200, 201, 202}:
        return True
    told = answer.status == 503 or (answer.status == 500 and "incident" in answer.json)
    return answer.is_problem and told


def _come_back(world: World) -> float:
    """Wait until every chunk that was begun before is done; by themselves."""
    begun = Chunk.objects.filter(attempts__gte=1, state__in=["waiting", "running"])
    touched = list(begun.values_list("id", flat=True))
    return world.until(
        lambda: not Chunk.objects.filter(id__in=touched).exclude(state="done").exists(),
        what="every chunk is retried",
        seconds=_BACK_WITHIN + 30,
    )
