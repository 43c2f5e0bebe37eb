"""R20: the clocks of workers are an hour off. Leases are the database's."""

from dataclasses import replace

from chaos.outcome import Failure, Outcome
from chaos.scenarios.children import pid_of
from chaos.world.victims import Victim, program, start_program
from chaos.world.world import World
from jobs.models import Chunk, ChunkState

_HOUR = 3_600
_STOCK = 100_000
_TRIES = 20
_LEASE_AND = 15.0


def shift(world: World, outcome: Outcome, count: int) -> None:
    """R20: mint with one worker ahead and one behind; kill either, and see its chunk retried."""
    world.start_clocks()
    for number in range(count):
        pair, left = _one_killed(world)
        outcome.faults["workers with a wrong clock"] += 2
        outcome.faults["workers killed whole"] += 1
        seconds = world.until(
            lambda left=left: _moved_on(left),  # type: ignore[misc]
            what="every chunk goes on under wrong clocks",
            seconds=60,
        )
        outcome.recovered(seconds, within=_LEASE_AND, what="the retry under wrong clocks")
        world.finish(seconds=90)
        for victim in pair:
            victim.kill()
        world.say(f"pair {number + 1} of {count} with wrong clocks done", done=number + 1, of=count)


def _one_killed(world: World) -> tuple[list[Victim], dict[int, int]]:
    """Kill one of two workers; return both, and the epochs of the chunks that the dead one left.

    :raises Failure: if none leaves any
    """
    for _ in range(_TRIES):
        pair = [_worker(world, seconds=seconds) for seconds in (_HOUR, -_HOUR)]
        world.until(
            lambda pair=pair: _both_mint(world, pair),  # type: ignore[misc]
            what="both workers mint",
            seconds=60,
        )
        dead = world.random.choice(pair)
        pids = _pids(dead)
        dead.kill()
        if left := _held_by(pids):
            return pair, left
        for victim in pair:
            victim.kill()
    raise Failure(f"no worker was killed with a chunk in hand in {_TRIES} tries")


def _both_mint(world: World, pair: list[Victim]) -> bool:
    """Tell whether each has a chunk in hand. One may do all there is before the other is up."""
    world.keep_busy(_STOCK)
    return all(map(_in_hand, pair))


def _worker(world: World, *, seconds: int) -> Victim:
    """Start a worker whose clock is so far ahead, or behind."""
    usual = program("worker", var=world.var)
    module = usual.command.index("celery")
    command = [
        *usual.command[:module],
        *("chaos.world.skewed", str(seconds)),
        *usual.command[module:],
        *("--concurrency", "1"),
    ]
    return world.adopt(start_program(replace(usual, command=command), var=world.var))


def _in_hand(worker: Victim) -> dict[int, int]:
    return _held_by(_pids(worker))


def _pids(worker: Victim) -> set[int]:
    return {child.pid for child in worker.children()}


def _held_by(pids: set[int]) -> dict[int, int]:
    """Return the epochs of the chunks these processes hold; those of dead ones still wait."""
    running = Chunk.objects.filter(state=ChunkState.RUNNING)
    return {chunk.pk: chunk.epoch for chunk in running if pid_of(chunk) in pids}


def _moved_on(before: dict[int, int]) -> bool:
    now = Chunk.objects.filter(id__in=before).values_list("id", "epoch", "state")
    return all(epoch > before[pk] or state == ChunkState.DONE for pk, epoch, state in now)
