"""A whole cardgen that belongs to one scenario: its servers, its programs, its load."""

import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import psutil
import psycopg
from django.contrib.auth.models import User
from django.db import connections
from django.db.models import F, Sum
from psycopg import sql

from cardgen.access.keys.making import KeyOrder, create_key
from cardgen.embedded import paths, postgres, processes, servers
from cardgen.run import MARK
from chaos.outcome import Failure
from chaos.remaining import Estimate
from chaos.world.cluster import Cluster
from chaos.world.victims import ServerVictim, Victim, free_port, program, start_program
from chaos.world.web import Web
from jobs import orders
from jobs.models import FINAL, Job
from jobs.orders import ItemOrder, Order, Origin
from jobs.work import bell
from toolkit.actor import shell_user
from toolkit.rights import Right

FIRST_MONTH = 2040 * 12
_MONTHS = 24
_STEPS = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))
_START_SECONDS = 60.0
_POLL = 0.02
_DROP = sql.SQL("DROP DATABASE {} WITH (FORCE)")


class World:
    """Servers and programs in one folder, and what a scenario does with them.

    `random` is the only source of chance, so that a seed repeats the same faults. `minutes` is how
    long a scenario that lasts a time is to last, None for its usual time. With `cluster` its
    PostgreSQL is one that nodes can join. `accepted` says how many cards each job was accepted
    with, whatever the database remembers.
    """

    def __init__(
        self, *, var: Path, seed: str, minutes: float | None = None, cluster: bool = False
    ) -> None:
        self.var = var
        self.minutes = minutes
        self.random = random.Random(seed)  # noqa: S311 (it must be repeatable, not secret)
        self.cluster = Cluster(var)
        self.postgres: ServerVictim = (
            self.cluster.coordinator if cluster else ServerVictim(servers.POSTGRES, var=var)
        )
        self.valkey = ServerVictim(servers.VALKEY, var=var)
        self.owner = User(username="admin")
        self.restarts: Counter[str] = Counter()
        self.accepted: dict[UUID, int] = {}
        self._estimate = Estimate()
        self._programs: list[Victim] = []

    def say(self, text: str, *, done: int = 0, of: int = 0) -> None:
        """Tell whoever watches how far it is, and how long the rest will take."""
        left = self._estimate.left(done=done, of=of)
        sys.stderr.write(f"    {self.var.name}: {text}{left}\n")
        sys.stderr.flush()

    def start(self, name: str, *extra: str, **environment: str) -> Victim:
        """Start the `worker` or `beat` of `make run`."""
        chosen = program(name, var=self.var)
        return self.adopt(start_program(chosen, var=self.var, extra=extra, environment=environment))

    def start_clocks(self) -> list[Victim]:
        """Start what looks for lost work: beat and the reconciler."""
        return [self.start("beat"), self.start("reconciler")]

    def adopt(self, victim: Victim) -> Victim:
        """End this one too when the scenario ends."""
        self._programs.append(victim)
        return victim

    def start_web(self, **environment: str) -> Web:
        """Start the web process and wait until it serves."""
        return self.start_web_process(**environment)[0]

    def start_web_process(self, **environment: str) -> tuple[Web, Victim]:
        """Start the web process, wait until it serves, return the process too."""
        port = free_port()
        victim = self.serve(port, **environment)
        web = Web(port=port, api_key=self.new_key())
        self.until(web.ready, what="the web process serves", seconds=_START_SECONDS)
        return web, victim

    def new_key(self) -> str:
        """Make a key of every scope."""
        order = KeyOrder(name="chaos", scopes=frozenset(Right))
        return create_key(user=self.owner, order=order, actor=shell_user()).key

    def serve(self, port: int, **environment: str) -> Victim:
        """Start the web process on a port."""
        chosen = program("web", var=self.var, listen=["-b", "127.0.0.1", "-p", str(port)])
        return self.adopt(start_program(chosen, var=self.var, environment=environment))

    def submit(self, cards: int, *, ring: Callable[[], None] = bell.ring_all) -> Job:
        """Order Visa cards."""
        order = Order(
            items=(ItemOrder(count=cards, scheme="visa"),), first_month=FIRST_MONTH, months=_MONTHS
        )
        job = orders.submit(order=order, origin=Origin(owner=self.owner), ring=ring)
        self.accepted[job.id] = cards
        return job

    def keep_busy(self, cards: int) -> None:
        """See that at least so many cards are still to be minted."""
        if remaining() < cards:
            self.submit(2 * cards)

    def until(self, holds: Callable[[], bool], *, what: str, seconds: float) -> float:
        """Wait until something holds; return how long that took.

        Meanwhile it does the supervisor's work: a program that ends by itself is started again.

        :raises Failure: if it does not within `seconds`
        """
        started = time.monotonic()
        while not holds():
            if time.monotonic() - started > seconds:
                raise Failure(f"{what}: not within {seconds:.0f} s")
            self._supervise()
            time.sleep(_POLL)
        return time.monotonic() - started

    def _supervise(self) -> None:
        for victim in self._programs:
            if victim.revive():
                self.restarts[victim.log.stem] += 1

    def finish(self, *, seconds: float) -> None:
        """Wait until every job has reached a final state by itself.

        :raises Failure: if one does not within `seconds`
        """
        self.until(all_final, what="every job reaches a final state by itself", seconds=seconds)

    def empty_database(self) -> None:
        """Put an empty database in the place of what there is, and throw out who is connected."""
        connections.close_all()
        url = paths.database_url(self.var, "postgres")
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(_DROP.format(sql.Identifier(postgres.DATABASE)))
        postgres.create_database(self.var)

    def end_programs(self) -> None:
        """Kill the programs, orphans among them, and leave the servers running."""
        for victim in self._programs:
            victim.kill()
        self._programs.clear()
        processes.end(self.left_over(), _STEPS)

    def left_over(self) -> list[psutil.Process]:
        """List what still runs of the programs of this folder."""
        return processes.marked(MARK, str(self.var))


def silent() -> None:
    """A bell that nobody hears."""


def remaining() -> int:
    """Count the cards that active jobs are short of."""
    active = Job.objects.exclude(status__in=FINAL)
    return int(active.aggregate(n=Sum(F("requested") - F("produced")))["n"] or 0)


def produced() -> int:
    """Count the cards that all jobs have produced."""
    return int(Job.objects.aggregate(n=Sum("produced"))["n"] or 0)


def all_final() -> bool:
    """Tell whether no job is left to do."""
    return not Job.objects.exclude(status__in=FINAL).exists()


@contextmanager
def opened(
    *, var: Path, seed: str, minutes: float | None = None, cluster: bool = False
) -> Iterator[World]:
    """Have a world during a block; everything it started has ended afterwards."""
    world = World(var=var, seed=seed, minutes=minutes, cluster=cluster)
    try:
        world.postgres.start()
        world.valkey.start()
        world.owner = User.objects.get(username="admin")
        yield world
    finally:
        world.end_programs()
        connections.close_all()
        world.valkey.stop()
        world.cluster.stop()
        world.postgres.stop()
