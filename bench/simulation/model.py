"""Workers that lease, mint, write and commit chunks, as `jobs.work` does."""

import math
from dataclasses import dataclass, field

import numpy as np

from bench.simulation.costs import Cost, Costs
from bench.simulation.engine import Clock, Cores, Line, Log, Process

_BUSY = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is simulated.

    :param cores: of the database's host
    :param shared: whether the workers run on those cores too, or have one each of their own
    :param rivals: other programs that want the database's cores, on average
    :param serial: part of a COPY's database time that only one can spend at a time; PostgreSQL's
        inner locks are not measurable on few cores
    """

    workers: int
    cards: int
    chunk: int
    cores: float
    shared: bool = False
    jobs: int = 1
    serial: float = 0.0
    rivals: float = 0.0
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """How long it took, and how busy everything was, as shares of that time (0 to 1).

    `leasing` and `blocked` are shares of the workers' time: getting a chunk, and waiting for the
    rows of a job that another worker is committing to.
    """

    seconds: float
    cards: int
    database: float
    log: float
    rows: float
    inner: float
    working: float
    leasing: float
    blocked: float

    @property
    def rate(self) -> float:
        """Cards a second."""
        return self.cards / self.seconds

    @property
    def bottleneck(self) -> str:
        """What is busiest; rows held by workers that wait for log or cores are not the cause."""
        causes = {
            "workers": self.working,
            "database cores": self.database,
            "inner locks": self.inner,
            "log": self.log,
        }
        busiest = max(causes, key=lambda name: causes[name])
        return busiest if causes[busiest] >= min(_BUSY, self.rows) else "job rows"


@dataclass(slots=True)
class _Job:
    waiting: list[int]
    rows: Line
    running: int = 0
    progressed: float = 0.0


@dataclass(slots=True)
class _Spent:
    working: float = 0.0
    leasing: float = 0.0
    blocked: float = 0.0


@dataclass(slots=True)
class _World:
    """Everything the workers share."""

    plan: Load
    costs: Costs
    clock: Clock
    database: Cores
    hosts: Cores
    log: Log
    inner: Line
    jobs: list[_Job]
    random: np.random.Generator
    leasing: int = 0
    spent: _Spent = field(default_factory=_Spent)

    def vary(self) -> float:
        """Draw a factor of mean 1."""
        if not self.costs.spread:
            return 1.0
        shape = self.costs.spread**-2
        return float(self.random.gamma(shape, 1 / shape))


def simulate(costs: Costs, plan: Load) -> Simulated:
    """Let the workers mint all cards; the same seed gives the same outcome."""
    world = _world(costs, plan)
    for _ in range(plan.workers):
        world.clock.start(_worker(world))
    world.clock.run()
    seconds = world.clock.now
    time = seconds * plan.workers
    return Simulated(
        seconds=seconds,
        cards=plan.cards,
        database=world.database.busy / (seconds * plan.cores),
        log=world.log.busy / seconds,
        rows=max(job.rows.busy for job in world.jobs) / seconds,
        inner=world.inner.busy / seconds,
        working=world.spent.working / time,
        leasing=world.spent.leasing / time,
        blocked=world.spent.blocked / time,
    )


def _world(costs: Costs, plan: Load) -> _World:
    clock = Clock()
    database = Cores(clock, count=plan.cores, rivals=plan.rivals)
    return _World(
        plan=plan,
        costs=costs,
        clock=clock,
        database=database,
        hosts=database if plan.shared else Cores(clock, count=math.inf),
        log=Log(
            clock,
            bytes_per_second=costs.log_bytes_per_second,
            flush=costs.flush,
            flush_each=costs.flush_each,
        ),
        inner=Line(clock),
        jobs=[_Job(waiting=chunks, rows=Line(clock)) for chunks in _chunks(plan)],
        random=np.random.default_rng(plan.seed),
    )


def _chunks(plan: Load) -> list[list[int]]:
    """Cut the cards into jobs of one size (the last may be smaller), and those into chunks."""
    size = math.ceil(plan.cards / plan.jobs)
    jobs = [min(size, plan.cards - first) for first in range(0, plan.cards, size)]
    return [
        [min(plan.chunk, cards - first) for first in range(0, cards, plan.chunk)] for cards in jobs
    ]


def _worker(world: _World) -> Process:
    while any(job.waiting for job in world.jobs):
        asked = world.clock.now
        job, cards = _take(world)
        yield from _lease(world)
        world.spent.leasing += world.clock.now - asked
        yield from _mint_and_write(world, cards)
        yield from _commit(world, job, cards)
        yield from _step(world, world.costs.tell, cards)


def _take(world: _World) -> tuple[_Job, int]:
    """Take a chunk of the job that is served least, and longest ago, as `lease_next` does."""
    waiting = (job for job in world.jobs if job.waiting)
    job = min(waiting, key=lambda job: (job.running, job.progressed))
    job.running += 1
    return job, job.waiting.pop()


def _lease(world: _World) -> Process:
    """Read who is served least, lock a row past those being leased, commit."""
    costs, running = world.costs, sum(job.running for job in world.jobs)
    extra = costs.lease_per_running * running + costs.lease_per_locked * world.leasing
    world.leasing += 1
    yield from _step(world, costs.lease, 0, extra=extra)
    yield world.log.flush
    world.leasing -= 1


def _mint_and_write(world: _World, cards: int) -> Process:
    costs = world.costs
    yield from _step(world, costs.mint, cards)
    started = world.clock.now
    serial = world.plan.serial * costs.write.database_each * cards
    if serial:
        yield world.inner.serve(serial)
    yield from _step(world, costs.write, cards, extra=costs.beside_each * cards - serial)
    world.log.append(costs.log_bytes_each * cards, since=started)


def _commit(world: _World, job: _Job, cards: int) -> Process:
    """Count the cards in the rows that all workers of the job share, and make all durable."""
    asked = world.clock.now
    yield job.rows.acquire
    world.spent.blocked += world.clock.now - asked
    yield from _step(world, world.costs.locked, cards)
    yield world.log.flush
    job.running -= 1
    job.progressed = world.clock.now
    job.rows.release()


def _step(world: _World, cost: Cost, cards: int, *, extra: float = 0.0) -> Process:
    """Spend a step's CPU time, the worker's first; other than in life they do not overlap."""
    factor = world.vary()
    mine = (cost.worker + cost.worker_each * cards) * factor
    theirs = (cost.database + cost.database_each * cards + extra) * factor
    started = world.clock.now
    if mine:
        yield world.hosts.serve(mine)
        world.spent.working += world.clock.now - started
    if theirs > 0:
        yield world.database.serve(theirs)
