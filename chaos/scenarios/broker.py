"""R5, R6: Valkey killed, flushed, frozen, or never there. It is a bell and a loudspeaker."""

import signal
import time
from collections.abc import Callable

import redis

from cardgen.embedded import paths
from chaos.outcome import Outcome
from chaos.world.web import LivePage, Web
from chaos.world.world import World
from jobs.models import FINAL, Job

_STOCK = 150_000
_RIGHT_WITHIN = 10.0
_FREEZE_SECONDS = (2.0, 60.0)
_FEW = 3
_FIRST_CARDS = 20_000


def disturb(world: World, outcome: Outcome, count: int) -> None:
    """R5: kill, flush and freeze Valkey while jobs run and somebody watches one of them."""
    web = world.start_web()
    world.start("reconciler")
    world.start("worker")
    for number in range(count):
        for name, fault in _faults(world, count=count, number=number).items():
            seconds = _disturb(world, web, fault)
            outcome.faults[name] += 1
            outcome.recovered(seconds, within=_RIGHT_WITHIN, what=f"the live page after: {name}")
            world.say(
                f"{name}: the live page showed news again after {seconds:.1f} s",
                done=number + 1,
                of=count,
            )
    world.finish(seconds=180)


def _disturb(world: World, web: Web, fault: Callable[[], None]) -> float:
    """Do it while somebody watches a job; return how long the page then shows nothing new.

    :raises Failure: if it stays so
    """
    world.keep_busy(_STOCK)
    job = Job.objects.exclude(status__in=FINAL).latest("created_at")
    page = LivePage(web, job_id=str(job.id))
    until = time.monotonic() + world.random.uniform(0.2, 1.0)
    while time.monotonic() < until:
        page.look(seconds=0.1)
    fault()
    job.refresh_from_db()
    news = job.version + (job.status not in FINAL)
    seconds = world.until(
        lambda: _shows(page, version=news),
        what="the live page shows news again",
        seconds=_RIGHT_WITHIN + 20,
    )
    page.close()
    return seconds


def _faults(world: World, *, count: int, number: int) -> dict[str, Callable[[], None]]:
    """Name the faults in turn; a frost comes a quarter as often, and in a full run lasts long."""
    faults = {
        "Valkey kills": lambda: _kill(world),
        "Valkey flushes": lambda: _flush(world),
    }
    if number < max(1, count // 4):
        faults["Valkey freezes"] = lambda: _freeze(world, seconds=_FREEZE_SECONDS[count > _FEW])
    return faults


def _kill(world: World) -> None:
    world.valkey.kill()
    time.sleep(world.random.uniform(0, 2))
    world.valkey.start()


def _flush(world: World) -> None:
    with redis.Redis(unix_socket_path=str(paths.valkey_socket(world.var))) as client:
        client.flushall()


def _freeze(world: World, *, seconds: float) -> None:
    world.valkey.send(signal.SIGSTOP)
    time.sleep(seconds)
    world.valkey.send(signal.SIGCONT)


def _shows(page: LivePage, *, version: int) -> bool:
    """Tell whether the page shows this version of its job, or a newer one."""
    shown = page.look(seconds=0.1)
    return bool(shown) and int(shown["version"]) >= version


def do_without(world: World, outcome: Outcome, count: int) -> None:
    """R6: there is no Valkey from start to end; jobs finish all the same."""
    world.valkey.kill()
    outcome.faults["Valkey absent throughout"] += 1
    world.start("reconciler")
    world.start("worker")
    for _ in range(count):
        world.submit(_FIRST_CARDS)
        outcome.faults["jobs without a bell"] += 1
    seconds = world.until(_finished, what="jobs finish without Valkey", seconds=60)
    outcome.facts["seconds_to_finish"] = round(seconds, 1)


def _finished() -> bool:
    return not Job.objects.exclude(status="succeeded").exists()
