"""R8: the broker is down while jobs are posted. They are accepted, and start without it."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from chaos.outcome import Outcome
from chaos.world.web import Web
from chaos.world.world import World
from jobs.models import Job
from toolkit.wording import counted

_AT_ONCE = 8
_CARDS = (500, 5_000)
_STARTED_WITHIN = 30.0
_FINISHED_WITHIN = 180.0


def post_without_broker(world: World, outcome: Outcome, count: int) -> None:
    """R8: kill Valkey, post so many jobs, start it again; every one is accepted and starts soon.

    While there is no broker the reconciler mints them by itself.
    """
    web = world.start_web()
    world.start("reconciler")
    world.start("worker")
    world.submit(_CARDS[0])
    world.finish(seconds=60)
    world.valkey.kill()
    outcome.faults["Valkey kills"] += 1
    sizes = [world.random.randint(*_CARDS) for _ in range(count)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        problems = list(pool.map(partial(_post, web), sizes))
    outcome.faults["jobs posted without a broker"] += count
    outcome.problems.extend(problem for problem in problems if problem)
    outcome.facts["started_without_broker"] = count - _waiting()
    world.valkey.start()
    seconds = world.until(
        lambda: _waiting() == 0, what="every job starts", seconds=_STARTED_WITHIN + 30
    )
    outcome.recovered(seconds, within=_STARTED_WITHIN, what="the start of every job")
    world.finish(seconds=_FINISHED_WITHIN)
    done = Job.objects.filter(status="succeeded").count()
    outcome.expect(done == count + 1, f"{counted(count + 1, 'job')} accepted, {done} succeeded")


def _post(web: Web, cards: int) -> str:
    """Order; return what was wrong with the answer."""
    answer = web.ask("/api/v1/cards/generate-async", body={"scheme": "visa", "count": cards})
    if answer.status == 202 and Job.objects.filter(id=answer.json["id"]).exists():
        return ""
    return f"an order without a broker was answered {answer.status}"


def _waiting() -> int:
    return Job.objects.filter(started_at=None).count()
