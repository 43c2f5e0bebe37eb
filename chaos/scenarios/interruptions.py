"""R28: the ledger goes into shards and comes back; each command is killed on its way."""

import subprocess
import sys
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

from django.conf import settings
from django.db import connections

from cardgen.management.readiness import STATE, answered
from chaos.outcome import Outcome
from chaos.scenarios.nodes import switch_queue
from chaos.world import world as load
from chaos.world.victims import Victim
from chaos.world.world import World
from jobs import work
from uniqueness.locks import Space

_NODES, _SHARDS = 2, 4
_STOCK = 100_000
_PATIENCE = 120.0
_FORTH = ("--yes", "--shards", str(_SHARDS))
_BACK = ("--yes", "--undo")
# The long ones are met in the middle, the others as soon as they are named.
_LONG = {_FORTH: {1: 0.3, 5: 3.0}, _BACK: {1: 0.5, 2: 0.3}}
_STEPS = {_FORTH: 5, _BACK: 6}
_AT_WORK = f"""
    SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = {int(Space.SHARDS)}
"""  # noqa: S608 (a number of ours)
_IS_WHOLE = """
    SELECT (EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'uniqueness_ledger'::regclass
            AND partmethod = 'h')
        OR EXISTS (SELECT FROM pg_constraint WHERE conname = 'uniqueness_ledger_pkey'))::int
"""
_LEFT_OVER = """
    SELECT (SELECT count(*) FROM pg_replication_slots)
        + (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_subscription)
        + (SELECT count(*) FROM pg_dist_cleanup)
"""
_Kill = Callable[[World, Victim], None]


def interrupt(world: World, outcome: Outcome, count: int) -> None:
    """R28: kill the command, or the coordinator, in a step of each way, `count` times."""
    world.cluster.form(_NODES)
    world.start("reconciler")
    world.start("worker")
    forth, back = (_moments(world, options) for options in (_FORTH, _BACK))
    for number in range(count):
        _see_work(world)
        _go(world, outcome, _FORTH, *forth[number % len(forth)])
        _see_work(world)
        switch_queue(paused=True)
        world.until(work.is_at_rest, what="no chunk is in hand", seconds=_PATIENCE)
        _go(world, outcome, _BACK, *back[number % len(back)])
        switch_queue(paused=False)
        world.say(f"{number + 1} of {count} times forth and back", done=number + 1, of=count)
    world.finish(seconds=_PATIENCE)
    world.until(lambda: not _left_over(world), what="nothing is left over", seconds=_PATIENCE)


def _moments(world: World, options: tuple[str, ...]) -> list[tuple[int, _Kill]]:
    """Every step with everything that is killed, in any order."""
    steps = range(1, _STEPS[options] + 1)
    kills: tuple[_Kill, ...] = (_kill_command, _kill_coordinator)
    found = list(product(steps, kills))
    world.random.shuffle(found)
    return found


def _go(world: World, outcome: Outcome, options: tuple[str, ...], step: int, kill: _Kill) -> None:
    """Kill it in that step; see that its state is told, and minting goes on; finish it."""
    told = _killed(world, options, step, kill)
    way = "back" if options == _BACK else "forth"
    outcome.faults[f"{way}: {kill.__name__.removeprefix('_kill_')}s killed"] += 1
    outcome.expect("Traceback" not in told, f"{way}: a traceback in step {step}")
    _see_told(world, outcome, where=f"{way}, step {step}")
    if options == _FORTH:
        _see_work(world)
    again = subprocess.run(  # noqa: S603 (the command is ours)
        _command(options), check=False, cwd=settings.BASE_DIR, capture_output=True, text=True
    )
    ended = f"{way}: given again after step {step} it ended with {again.returncode}"
    outcome.expect(not again.returncode, f"{ended}: {again.stderr[-300:]}")
    connections.close_all()
    finding = answered("ledger", STATE["ledger"])
    outcome.expect(finding.is_well, f"{way}: afterwards the ledger {finding.told}")


def _killed(world: World, options: tuple[str, ...], step: int, kill: _Kill) -> str:
    """Start it and kill it in that step; return what it said when nothing of it runs any more."""
    log = world.var / "distribute_ledger.log"
    log.unlink(missing_ok=True)
    command = Victim(_command(options), log=log, environment={})
    while _begun(log) < step and command.alive:
        time.sleep(0.001)
    time.sleep(world.random.uniform(0, _LONG[options].get(step, 0)))
    kill(world, command)
    world.until(
        lambda: not _ask(world, _AT_WORK), what="its last statement ends", seconds=_PATIENCE
    )
    connections.close_all()
    return log.read_text()


def _see_told(world: World, outcome: Outcome, *, where: str) -> None:
    """See that `doctor` calls no ledger well that is neither distributed nor has its key."""
    is_whole = bool(_ask(world, _IS_WHOLE))
    outcome.faults["of them in mid-way"] += not is_whole
    finding = answered("ledger", STATE["ledger"])
    outcome.expect(is_whole or not finding.is_well, f"{where}: not told: {finding.told}")


def _command(options: tuple[str, ...]) -> list[str]:
    return [sys.executable, "manage.py", "distribute_ledger", *options]


def _begun(log: Path) -> int:
    """Count the steps that it has named."""
    return log.read_text().count(" …\n")


def _kill_command(_world: World, command: Victim) -> None:
    command.kill()


def _kill_coordinator(world: World, command: Victim) -> None:
    """Kill it as a power cut would, and start it again; the command ends by itself."""
    coordinator = world.cluster.coordinator
    coordinator.kill()
    connections.close_all()
    coordinator.start()
    world.until(lambda: not command.alive, what="the command ends", seconds=_PATIENCE)


def _ask(world: World, question: str) -> int:
    return world.cluster.coordinator.ask(question)


def _left_over(world: World) -> int:
    """Count what moving shards leave on servers."""
    cluster = world.cluster
    return sum(node.ask(_LEFT_OVER) for node in (cluster.coordinator, *cluster.nodes))


def _see_work(world: World) -> None:
    """Have more cards minted."""
    world.keep_busy(_STOCK)
    produced = load.produced()
    world.until(lambda: load.produced() > produced, what="cards are minted", seconds=_PATIENCE)
