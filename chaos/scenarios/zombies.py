"""R3: zombies, frozen in mid-chunk past their lease, then woken."""

import os
import re
import signal

from django.conf import settings

from chaos.outcome import Outcome
from chaos.scenarios.children import caught, in_copy, pid_of
from chaos.world.victims import Victim
from chaos.world.world import World
from jobs.models import Chunk, ChunkState

_GRACE = 15.0
_SPEAKS_WITHIN = 30.0
_FENCED = "was taken over: rolled back"
_HUNG_UP = "will be retried"


def freeze_children(world: World, outcome: Outcome, count: int) -> None:
    """R3: freeze a child in mid-chunk past its lease, let others do the chunk, wake it up."""
    world.start("reconciler")
    worker = world.start("worker")
    for number in range(count):
        chunk = caught(world, worker, number=signal.SIGSTOP)
        place = "zombies in mid-COPY" if in_copy(chunk) else "zombies elsewhere"
        outcome.faults[place] += 1
        lease = settings.CARDGEN_LEASE.total_seconds()
        seconds = world.until(
            lambda chunk=chunk: _done_by_another(chunk),  # type: ignore[misc]
            what="a frozen worker's chunk is done by another",
            seconds=lease + _GRACE,
        )
        outcome.recovered(seconds, within=lease + _GRACE, what="a frozen worker's chunk")
        _wake(world, outcome, worker, chunk)
        world.say(
            f"zombie {number + 1} of {count}: its chunk done after {seconds:.1f} s",
            done=number + 1,
            of=count,
        )
    world.finish(seconds=120)


def _wake(world: World, outcome: Outcome, worker: Victim, chunk: Chunk) -> None:
    """Let it go on; it must find that its commit comes too late, and say so."""
    about = re.compile(rf"chunk {chunk.pk} of job .*({_FENCED}|{_HUNG_UP})")
    before = len(about.findall(worker.log.read_text()))
    os.kill(pid_of(chunk), signal.SIGCONT)
    world.until(
        lambda: len(about.findall(worker.log.read_text())) > before,
        what="a woken worker finds its commit refused",
        seconds=_SPEAKS_WITHIN,
    )
    outcome.faults["late commits refused"] += 1


def _done_by_another(before: Chunk) -> bool:
    now = Chunk.objects.get(id=before.pk)
    return now.epoch > before.epoch and now.state == ChunkState.DONE
