"""R11: the database is lost, an older backup comes back, and no number is handed out twice."""

import sys
import time
from pathlib import Path

from django.core.management import call_command
from django.db import connection, connections

from cardgen import backup
from chaos.outcome import Outcome
from chaos.world import world as load
from chaos.world.world import World
from jobs.models import Job
from uniqueness.pool import recording

_STOCK = 60_000
_PATIENCE = 120.0
_PANS = "SELECT pan FROM uniqueness_ledger"


def lose_and_restore(world: World, outcome: Outcome, count: int) -> None:
    """R11: back up, go on minting, lose the database, restore, step past, mint again."""
    folder = world.var / "backups"
    for number in range(count):
        _start(world, folder)
        _mint(world, what="cards are minted before the backup")
        made = backup.create(folder)
        _mint(world, what="cards are minted in the lost time")
        world.until(
            lambda: recording.read(folder).steadily,
            what="positions are written down after the backup",
            seconds=_PATIENCE,
        )
        time.sleep(world.random.uniform(0, recording.EVERY_SECONDS))
        handed_out = _lose(world)
        known = _restore(world, made)
        outcome.faults["databases lost"] += 1
        outcome.facts["cards_of_lost_times"] = len(handed_out - known) + int(
            outcome.facts.get("cards_of_lost_times", 0)
        )
        call_command(
            "advance_cursors", recorded=folder, reason="chaos: a lost database", stdout=sys.stderr
        )
        _start(world, folder)
        _mint(world, what="cards are minted after the restore")
        world.finish(seconds=_PATIENCE)
        twice = (_pans() - known) & handed_out
        outcome.expect(not twice, f"handed out in both timelines: {len(twice):,} numbers")
        world.end_programs()
        world.say(f"database {number + 1} of {count} restored", done=number + 1, of=count)


def _start(world: World, folder: Path) -> None:
    world.start("reconciler", CARDGEN_BACKUP_FOLDER=str(folder))
    world.start("worker")


def _mint(world: World, *, what: str) -> None:
    """Have more cards minted, with work left to do."""
    world.keep_busy(_STOCK)
    before = load.produced()

    def minted() -> bool:
        world.keep_busy(_STOCK)
        return load.produced() > before

    world.until(minted, what=what, seconds=_PATIENCE)


def _lose(world: World) -> set[str]:
    """Kill everything in mid-work; return all that was handed out, and drop the database."""
    world.postgres.kill()
    world.end_programs()
    connections.close_all()
    world.postgres.start()
    found = _pans()
    world.empty_database()
    return found


def _restore(world: World, made: Path) -> set[str]:
    """Bring the backup back; jobs of the lost time are gone with it, and owed to nobody."""
    backup.restore(made)
    known = set(Job.objects.values_list("id", flat=True))
    world.accepted = {job: cards for job, cards in world.accepted.items() if job in known}
    return _pans()


def _pans() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(_PANS)
        return {row[0] for row in cursor.fetchall()}
