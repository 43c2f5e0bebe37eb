"""R2: pool children killed while they hold a chunk."""

import os
import random
import signal
import time
from collections.abc import Sequence

import psutil
from django.conf import settings
from django.db import connection

from chaos.outcome import Failure, Outcome
from chaos.world.attempts import at_stake
from chaos.world.shortfall import take_away
from chaos.world.victims import Victim
from chaos.world.world import World
from jobs.models import Chunk, ChunkState

_STOCK = 30_000
_UP_SECONDS = 30.0
_RETRIED_WITHIN = 5.0
_GRACE = 15.0
_AT_ONCE = 2
_TRIES = 200
_HOLD = 0.05  # a chunk that is still held so long after the signal was not being finished
_COPYING = "SELECT count(*) FROM pg_stat_progress_copy WHERE pid = %s AND type = 'PIPE'"


def kill_children(world: World, outcome: Outcome, count: int) -> None:
    """R2: kill pool children that hold a chunk, two at a time; somebody must take the chunks up."""
    world.start("reconciler")
    worker = world.start("worker")
    for first in range(0, count, _AT_ONCE):
        world.keep_busy(_STOCK)
        take_away(outcome)
        killed: list[tuple[float, Chunk]] = []
        for _ in range(min(_AT_ONCE, count - first)):
            chunk = caught(world, worker, number=signal.SIGKILL)
            killed.append((time.monotonic(), chunk))
            outcome.faults["pool children killed"] += 1
        for at, chunk in killed:
            _await_retry(world, outcome, chunk, killed_at=at)
        world.say(
            f"{first + len(killed)} of {count} children killed, their chunks retried",
            done=first + len(killed),
            of=count,
        )
    world.finish(seconds=120)


def _await_retry(world: World, outcome: Outcome, chunk: Chunk, *, killed_at: float) -> None:
    world.until(
        lambda: _moved_on(chunk),
        what="a killed child's chunk is taken up",
        seconds=settings.CARDGEN_LEASE.total_seconds() + _GRACE,
    )
    seconds = time.monotonic() - killed_at
    outcome.recovered(seconds, within=_RETRIED_WITHIN, what="the retry of a chunk")


def caught(world: World, worker: Victim, *, number: signal.Signals) -> Chunk:
    """Send the signal to a child while it holds a chunk; return the chunk as it was then.

    :raises Failure: if no child could be caught at work
    """
    for _ in range(_TRIES):
        world.until(lambda: _mints(world, worker), what="a child mints", seconds=_UP_SECONDS)
        _wait(world, worker)
        if at_stake() or (chunk := chosen(world.random, held(worker))) is None:
            continue
        os.kill(pid_of(chunk), number)
        time.sleep(_HOLD)
        if Chunk.objects.filter(id=chunk.pk, epoch=chunk.epoch, state="running").exists():
            return chunk
        if number == signal.SIGSTOP:
            os.kill(pid_of(chunk), signal.SIGCONT)
    raise Failure(f"no child was caught with a chunk in {_TRIES} tries")


def _mints(world: World, worker: Victim) -> bool:
    """Tell whether a child does, with work for it: the reconciler mints until a worker comes."""
    world.keep_busy(_STOCK)
    return bool(held(worker))


def held(worker: Victim) -> list[Chunk]:
    """Find the chunks that living children of the worker hold right now, the oldest first."""
    pids = {child.pid for child in worker.children() if _lives(child)}
    running = Chunk.objects.filter(state=ChunkState.RUNNING).order_by("id")
    return [chunk for chunk in running if pid_of(chunk) in pids]


def chosen(chance: random.Random, chunks: Sequence[Chunk]) -> Chunk | None:
    """Choose one of them, if there are any."""
    return chance.choice(chunks) if chunks else None


def pid_of(chunk: Chunk) -> int:
    """Read which process of this machine took the chunk."""
    return int(chunk.worker.rpartition(":")[2])


def in_copy(chunk: Chunk) -> bool:
    """Tell whether the chunk's cards are just being copied."""
    with connection.cursor() as cursor:
        cursor.execute(_COPYING, [chunk.backend_pid])
        return bool(cursor.fetchone()[0])


def _wait(world: World, worker: Victim) -> None:
    """Let a random moment pass, or the moments until a COPY runs: both must be survived."""
    if world.random.random() < 1 / 2:
        time.sleep(world.random.uniform(0, 0.1))
        return
    for _ in range(_TRIES):
        if any(in_copy(chunk) for chunk in held(worker)):
            return


def _lives(child: psutil.Process) -> bool:
    try:
        return bool(child.status() not in {psutil.STATUS_ZOMBIE, psutil.STATUS_STOPPED})
    except psutil.NoSuchProcess:
        return False


def _moved_on(before: Chunk) -> bool:
    now = Chunk.objects.get(id=before.pk)
    return now.epoch > before.epoch or now.state == ChunkState.DONE
