"""R24 to R27: a ledger that lies on several servers loses some of them, and gets more."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from chaos.outcome import Failure, Outcome
from chaos.scenarios.retries import compare
from chaos.world import world as load
from chaos.world.clients import Client
from chaos.world.cluster import Node, distribute, undo
from chaos.world.web import Web
from chaos.world.world import World, silent
from jobs import control
from jobs.models import Chunk, ChunkState
from toolkit.actor import shell_user

_NODES, _SHARDS = 2, 4
_STOCK = 100_000
_PATIENCE = 120.0
_BACK_WITHIN = 30.0
_OUTAGE = (0.5, 4.0)
_CLIENTS = 3
_UNSEEN_FOR = 20  # seconds: longer than the reconciler takes to close spans
_TRIES = 10  # for each kill that is to count
# A commit on the node lasts long enough to be hit.
_SLOW_COMMITS = ("ALTER SYSTEM SET commit_delay = 100000", "ALTER SYSTEM SET commit_siblings = 0")
_HELD = "SELECT count(*) FROM uniqueness_reservation WHERE state = 'held' AND NOT stock"
_CARDS = "SELECT count(*) FROM uniqueness_ledger"
_RELOAD = "SELECT pg_reload_conf()"
_MOVED = "SELECT count(*) FROM pg_dist_background_job WHERE state NOT IN ('finished', 'failed')"
_FAILED = "SELECT count(*) FROM pg_dist_background_job WHERE state = 'failed'"
_EMPTY = """
    SELECT count(*) FROM pg_dist_node n WHERE shouldhaveshards
    AND NOT EXISTS (SELECT FROM pg_dist_placement p WHERE p.groupid = n.groupid)
"""


def lose_nodes(world: World, outcome: Outcome, count: int) -> None:
    """R24: kill one of the nodes under load, `count` times; nothing but waiting comes of it."""
    _begin(world)
    for number in range(count):
        victim = world.random.choice(world.cluster.nodes)
        _lose(world, outcome, victim=victim, name="nodes killed")
        world.say(f"node {number + 1} of {count} lost and back", done=number + 1, of=count)
    _end(world, outcome)


def lose_coordinators(world: World, outcome: Outcome, count: int) -> None:
    """R25: kill the coordinator under load, `count` times."""
    _begin(world)
    for number in range(count):
        _lose(world, outcome, victim=world.cluster.coordinator, name="coordinators killed")
        world.say(f"coordinator {number + 1} of {count} is back", done=number + 1, of=count)
    _end(world, outcome)


def lose_between_commits(world: World, outcome: Outcome, count: int) -> None:
    """R26: kill a node that has cards prepared, and cancel their job while they are not seen."""
    _begin(world)
    for node in world.cluster.nodes:
        for statement in (*_SLOW_COMMITS, _RELOAD):
            node.ask(statement)
    world.cluster.recover_after(_UNSEEN_FOR)
    for number in range(count):
        _lose_in_between(world, outcome)
        world.say(
            f"{number + 1} of {count} nodes lost between two commits", done=number + 1, of=count
        )
    _end(world, outcome)
    coordinator = world.cluster.coordinator
    world.until(lambda: not coordinator.ask(_HELD), what="every span is closed", seconds=_PATIENCE)


def grow(world: World, outcome: Outcome, count: int) -> None:
    """R27: distribute a ledger in use, add `count` nodes while clients order, bring it back."""
    world.cluster.form(_NODES)
    world.start("reconciler")
    world.start("worker")
    web = world.start_web()
    with _clients(web, outcome) as clients:
        _see_work(world, clients)
        _distribute(world, outcome)
        _see_work(world, clients)
        for number in range(count):
            _add(world, outcome)
            _see_work(world, clients)
            world.say(f"{number + 1} of {count} nodes added", done=number + 1, of=count)
    world.finish(seconds=_PATIENCE)
    world.until(world.cluster.is_settled, what="all commits are done", seconds=_PATIENCE)
    _bring_back(outcome)
    compare(outcome, [request for client in clients for request in client.requests])
    late = sum(client.late for client in clients)
    outcome.expect(not late, f"small orders answered with a job in place of cards: {late}")
    outcome.expect(
        not any(client.untold for client in clients), "a request was refused without a word"
    )


def _bring_back(outcome: Outcome) -> None:
    """Have the ledger in one table again, with its primary key; what is proven then is that."""
    switch_queue(paused=True)
    undo()
    outcome.faults["ledgers brought back"] += 1
    switch_queue(paused=False)


def switch_queue(*, paused: bool) -> None:
    """Pause the queue while the ledger comes back, or let it go on."""
    control.set_queue(
        paused=paused, reason="the ledger comes back", actor=shell_user(), ring=silent
    )


def _begin(world: World) -> None:
    """Have a distributed ledger, and programs at work on it."""
    world.cluster.form(_NODES)
    distribute(shards=_SHARDS)
    world.start("reconciler")
    world.start("worker")


def _end(world: World, outcome: Outcome) -> None:
    world.finish(seconds=_PATIENCE)
    world.until(world.cluster.is_settled, what="all commits are done", seconds=_PATIENCE)
    failed = Chunk.objects.filter(state=ChunkState.FAILED).count()
    outcome.expect(not failed, f"{failed:,} parts used up their attempts")


def _lose(world: World, outcome: Outcome, *, victim: Node, name: str) -> None:
    """Kill it at a moment at which a chunk is in hand; see that minting goes on soon after."""
    _wait_for_work(world)
    victim.kill()
    outcome.faults[name] += 1
    connections.close_all()
    time.sleep(world.random.uniform(*_OUTAGE))
    back_at = time.monotonic()
    victim.start()
    world.keep_busy(_STOCK)
    before = load.produced()
    world.until(lambda: load.produced() > before, what="cards are minted again", seconds=_PATIENCE)
    outcome.recovered(time.monotonic() - back_at, within=_BACK_WITHIN, what="minting again")


def _wait_for_work(world: World) -> None:
    world.keep_busy(_STOCK)
    running = Chunk.objects.filter(state=ChunkState.RUNNING)
    world.until(running.exists, what="a chunk is in hand", seconds=_PATIENCE)
    time.sleep(world.random.uniform(0, 0.3))


def _lose_in_between(world: World, outcome: Outcome) -> None:
    """Kill nodes until one lacked cards that its coordinator had committed.

    :raises Failure: if none ever does
    """
    for _ in range(_TRIES):
        job = world.submit(_STOCK)
        victim = world.random.choice(world.cluster.nodes)
        done = Chunk.objects.filter(job=job, state=ChunkState.DONE)
        world.until(done.exists, what="a chunk is committed", seconds=_PATIENCE)
        victim.kill()
        control.cancel(job, actor=shell_user())
        outcome.may_end(job.id, "cancelled")
        time.sleep(world.random.uniform(*_OUTAGE))
        victim.start()
        unseen = load.produced() - world.cluster.coordinator.ask(_CARDS)
        outcome.faults["nodes killed"] += 1
        if unseen > 0:
            outcome.faults["of them between the two commits"] += 1
            return
        world.finish(seconds=_PATIENCE)
    raise Failure(f"none of {_TRIES} nodes was killed between the two commits")


def _distribute(world: World, outcome: Outcome) -> None:
    begun = time.monotonic()
    distribute(shards=_SHARDS * _NODES)
    outcome.faults["ledgers distributed"] += 1
    outcome.facts["distributing_took_seconds"] = round(time.monotonic() - begun, 1)


def _add(world: World, outcome: Outcome) -> None:
    """Add a node as docs/scaling.md says, and have shards move there."""
    coordinator = world.cluster.coordinator
    world.cluster.add()
    coordinator.ask("SELECT citus_rebalance_start()")
    world.until(lambda: not coordinator.ask(_MOVED), what="shards have moved", seconds=_PATIENCE)
    outcome.faults["nodes added"] += 1
    outcome.expect(not coordinator.ask(_FAILED), "shards could not be moved")
    outcome.expect(not coordinator.ask(_EMPTY), "a node has got no shard")


@contextmanager
def _clients(web: Web, outcome: Outcome) -> Iterator[list[Client]]:
    """Have clients that order without pause; the first one only when it is told to."""
    stop = threading.Event()
    names = range(_CLIENTS + 1)
    clients = [Client([web], seed=f"{outcome.seed} {name}", stop=stop) for name in names]
    for client in clients[1:]:
        client.start()
    try:
        yield clients
    finally:
        stop.set()
        for client in clients[1:]:
            client.join(_PATIENCE)


def _see_work(world: World, clients: list[Client]) -> None:
    """Wait until a job is under way, cards were minted, and every client was answered."""
    answered = [client.answered for client in clients[1:]]
    produced = load.produced()

    def worked() -> bool:
        if load.remaining() < _STOCK:
            clients[0].order("generate-async", count=2 * _STOCK)
        more = [client.answered for client in clients[1:]]
        return load.produced() > produced and all(
            a < b for a, b in zip(answered, more, strict=True)
        )

    world.until(worked, what="clients are answered and cards are minted", seconds=_PATIENCE)
