"""R10: the primary dies in mid-work, its standby is promoted, and nobody notices for long."""

import shutil
import time
from pathlib import Path

import psycopg
from django.db import connections

from cardgen.embedded import accounts, paths, postgres, servers
from chaos.outcome import Failure, Outcome
from chaos.world import world as load
from chaos.world.victims import ServerVictim
from chaos.world.world import World
from jobs.models import Chunk, ChunkState

_STOCK = 100_000
_PATIENCE = 120.0
_BACK_WITHIN = 60.0
_SYNCHRONOUS = "SELECT FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')"


def promote_standbys(world: World, outcome: Outcome, count: int) -> None:
    """R10: kill the primary under load, promote its standby in its place, `count` times."""
    world.start("reconciler")
    world.start("worker")
    primary = world.var
    for number in range(count):
        primary = _promoted(world, outcome, primary=primary, standby=world.var / str(number))
        world.say(f"standby {number + 1} of {count} promoted", done=number + 1, of=count)
    world.finish(seconds=180)
    failed = Chunk.objects.filter(state=ChunkState.FAILED).count()
    outcome.expect(not failed, f"{failed:,} parts used up their attempts")


def _promoted(world: World, outcome: Outcome, *, primary: Path, standby: Path) -> Path:
    """Have a standby take the place of the primary, and see what the application makes of it."""
    world.keep_busy(_STOCK)
    server = _follow(world, primary=primary, standby=standby)
    _wait_for_work(world)
    acknowledged = load.produced()
    world.postgres.kill()
    lost_at = time.monotonic()
    connections.close_all()
    _fence(primary)
    _ask(standby, "SELECT pg_promote(wait => true)")
    _take_place(world, standby)
    world.postgres = server
    outcome.faults["primaries killed, standbys promoted"] += 1
    kept = load.produced()
    outcome.expect(kept >= acknowledged, f"{acknowledged - kept:,} acknowledged cards are gone")
    world.keep_busy(_STOCK)
    world.until(lambda: load.produced() > kept, what="cards are minted again", seconds=_PATIENCE)
    outcome.recovered(time.monotonic() - lost_at, within=_BACK_WITHIN, what="minting again")
    return standby


def _wait_for_work(world: World) -> None:
    """Wait for a moment at which a chunk is in hand."""
    world.keep_busy(_STOCK)
    running = Chunk.objects.filter(state=ChunkState.RUNNING)
    world.until(running.exists, what="a chunk is in hand", seconds=_PATIENCE)
    time.sleep(world.random.uniform(0, 0.3))


def _follow(world: World, *, primary: Path, standby: Path) -> ServerVictim:
    """Copy the primary and have the copy follow it: nothing is acknowledged before it has it."""
    account = accounts.server_account()
    accounts.own(standby, account)
    copied = accounts.run(
        [
            str(postgres.binary(world.var, "pg_basebackup")),
            *("--write-recovery-conf", "--checkpoint=fast", "--pgdata"),
            *(str(paths.postgres_data(standby)), "--dbname", _address(primary)),
        ],
        account,
    )
    if copied.returncode:
        raise Failure(f"pg_basebackup: {copied.stderr.strip()[-300:]}")
    server = ServerVictim(servers.POSTGRES, var=standby)
    server.start(awaited=False)
    world.until(lambda: _answers(standby), what="the standby answers", seconds=_PATIENCE)
    _ask(primary, "ALTER SYSTEM SET synchronous_standby_names = '*'")
    _ask(primary, "SELECT pg_reload_conf()")
    followed = world.until(
        lambda: _ask(primary, _SYNCHRONOUS) > 0, what="the standby follows", seconds=_PATIENCE
    )
    world.say(f"the standby follows after {followed:.0f} s")
    return server


def _fence(primary: Path) -> None:
    """See that the old primary is gone and never comes back."""
    postgres.clear(primary)
    data = paths.postgres_data(primary)
    shutil.rmtree(data)
    data.mkdir()  # whether there is room is asked of this folder


def _take_place(world: World, standby: Path) -> None:
    """Lead all who come to the old address to the promoted server, as a pooler does."""
    address = paths.socket_dir(world.var) / paths.POSTGRES_SOCKET
    address.unlink(missing_ok=True)
    address.symlink_to(paths.socket_dir(standby) / paths.POSTGRES_SOCKET)


def _answers(var: Path) -> bool:
    try:
        return _ask(var, "SELECT 1") == 1
    except psycopg.OperationalError:
        return False


def _ask(var: Path, statement: str) -> int:
    """Send a statement to the server of that folder; return how many rows it gave."""
    with psycopg.connect(_address(var), autocommit=True) as server:
        return server.execute(statement).rowcount


def _address(var: Path) -> str:
    return paths.database_url(var, postgres.DATABASE)
