"""R7: the web process killed while clients order; they send again, with their Idempotency-Key."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

from chaos.outcome import Failure, Outcome
from chaos.world.clients import Client, ClientRequest
from chaos.world.victims import Victim
from chaos.world.web import Web
from chaos.world.world import World
from jobs.models import Job
from toolkit.wording import counted

_DOORS = 2  # one is killed while the other still starts: the machine's time goes into kills
_CLIENTS = 6
_INTO_REQUEST = 0.04
_ANSWERS_BETWEEN = 4  # a process that nobody hears anything from proves nothing
_SEEN_AFTER = 0.1
_TRIES = 20
_UP_SECONDS = 60.0
_ANSWERED_WITHIN = 30.0
_UNKNOWN = """
    SELECT count(*) FROM unnest(%s::text[]) AS came (pan)
    WHERE pan NOT IN (SELECT pan FROM uniqueness_ledger)
"""


@dataclass(slots=True)
class Door:
    """A web process, and the one that takes its place and its port."""

    web: Web
    victim: Victim


def kill_web(world: World, outcome: Outcome, count: int) -> None:
    """R7: kill web processes while they answer orders; every order is done once, and answered."""
    world.start("reconciler")
    world.start("worker")
    doors = [Door(*world.start_web_process()) for _ in range(_DOORS)]
    with _clients(outcome, webs=[door.web for door in doors]) as clients:
        for number in range(count):
            _cut_off(world, outcome, clients, door=doors[number % _DOORS])
            world.say(f"web process {number + 1} of {count} killed", done=number + 1, of=count)
        for door in doors:
            world.until(door.web.ready, what="the web process serves again", seconds=_UP_SECONDS)
    world.finish(seconds=60)
    compare(outcome, [request for client in clients for request in client.requests])


@contextmanager
def _clients(outcome: Outcome, *, webs: Sequence[Web]) -> Iterator[list[Client]]:
    """Have clients order during a block; afterwards each has got its last answer."""
    stop = threading.Event()
    clients = [Client(webs, seed=f"{outcome.seed} {name}", stop=stop) for name in range(_CLIENTS)]
    for client in clients:
        client.start()
    try:
        yield clients
    finally:
        stop.set()
        for client in clients:
            client.join()


def _cut_off(world: World, outcome: Outcome, clients: Sequence[Client], *, door: Door) -> None:
    """Kill the process while it answers; one that just had nothing to do does not count.

    :raises Failure: if it never has anything to do
    """
    for _ in range(_TRIES):
        world.until(door.web.ready, what="the web process serves", seconds=_UP_SECONDS)
        enough = sum(client.answered for client in clients) + _ANSWERS_BETWEEN
        world.until(
            lambda enough=enough: sum(client.answered for client in clients) >= enough,  # type: ignore[misc]
            what="orders are answered",
            seconds=_UP_SECONDS,
        )
        world.until(
            lambda: any(client.waits_at == door.web for client in clients),
            what="somebody orders",
            seconds=_UP_SECONDS,
        )
        time.sleep(world.random.uniform(0, _INTO_REQUEST))
        before = sum(client.cut_off for client in clients)
        door.victim.kill()
        door.victim = world.serve(door.web.port)
        time.sleep(_SEEN_AFTER)
        if cut := sum(client.cut_off for client in clients) - before:
            outcome.faults["web processes killed during POST"] += 1
            outcome.faults["orders cut off"] += cut
            return
    raise Failure(f"no order was cut off in {_TRIES} tries")


def compare(outcome: Outcome, requests: Sequence[ClientRequest]) -> None:
    """Each key has one job, the one that every answer to it named, and its cards once."""
    jobs = list(Job.objects.exclude(idempotency_key=None))
    by_key = {str(job.idempotency_key): job for job in jobs}
    outcome.expect(
        len(jobs) == len(by_key) == len(requests),
        f"{counted(len(requests), 'key')}, {counted(len(jobs), 'job')}",
    )
    outcome.expect(Job.objects.count() == len(jobs), "there are jobs without a key")
    for request in requests:
        job = by_key.get(request.key)
        right = job is not None and request.job_ids == {str(job.id)}
        outcome.expect(right and not request.problem, f"an order went wrong: {request.problem}")
        outcome.expect(job is None or job.requested == request.count, "a job has another count")
        if request.cut_off_at and request.answered_at:
            seconds = request.answered_at - request.cut_off_at
            outcome.recovered(
                seconds, within=_ANSWERED_WITHIN, what="the answer to a cut-off order"
            )
    outcome.facts["orders"] = len(requests)
    _compare_cards(outcome, requests)


def _compare_cards(outcome: Outcome, requests: Sequence[ClientRequest]) -> None:
    """The cards that answers brought are as many as asked for, no two alike, all in the ledger."""
    brought = [request for request in requests if request.route == "generate" and request.answers]
    pans = [pan for request in brought for pan in request.pans]
    asked = sum(request.count for request in brought)
    outcome.expect(
        len(set(pans)) == len(pans) == asked, f"{counted(len(pans), 'card')} came, not {asked}"
    )
    with connection.cursor() as cursor:
        cursor.execute(_UNKNOWN, [pans])
        unknown = int(cursor.fetchone()[0])
    outcome.expect(unknown == 0, f"cards that came and are not in the ledger: {unknown}")
