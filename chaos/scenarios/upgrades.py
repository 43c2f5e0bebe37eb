"""R21: an upgrade in mid-work. The last release and today's code side by side, and back again."""

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import psycopg
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from psycopg import sql

from cardgen.access.first import BOOTSTRAP_USER
from cardgen.access.keys.text import new_key
from cardgen.embedded import paths
from cardgen.upgrade import LARGE, State, look, steps
from chaos.outcome import Outcome
from chaos.scenarios.retries import compare
from chaos.world import released
from chaos.world import world as load
from chaos.world.clients import Client
from chaos.world.version import Version
from chaos.world.web import Web
from chaos.world.world import World

_CLIENTS = 3
_STOCK = 20_000
_PATIENCE = 120.0
_QUEUE = 1024
_DONE_EACH = {"worker": 5, "web": 3}
_EXPAND = sql.SQL("ALTER TABLE {} ADD COLUMN {} varchar(40) NOT NULL DEFAULT ''")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """The versions, the socket that web processes share, and who orders."""

    world: World
    outcome: Outcome
    versions: tuple[Version, Version]
    door: socket.socket
    clients: list[Client]

    def keep_busy(self) -> None:
        """See that a job is under way, ordered as all clients do: whatever version serves."""
        if load.remaining() < _STOCK:
            self.clients[0].order("generate-async", count=2 * _STOCK)

    def see_work(self, *versions: Version) -> None:
        """Wait until workers of each version have minted more, and its web processes answered."""
        goals = {
            (version.name, role): (version, version.done(role) + more)
            for version in versions
            for role, more in _DONE_EACH.items()
        }

        def worked() -> bool:
            self.keep_busy()
            return all(version.done(role) >= n for (_, role), (version, n) in goals.items())

        names = " and ".join(version.name for version in versions)
        self.world.until(worked, what=f"{names} mint and answer", seconds=_PATIENCE)


def upgrade(world: World, outcome: Outcome, count: int) -> None:
    """R21: hand the work over from version to version, `count` times, while clients order.

    The first time is an upgrade with its migrations, the second the way back without any, and so
    on.
    """
    folder = released.unpack(world.var / "released")
    old = Version(name="the release", folder=folder, world=world)
    new = Version(name="this version", folder=settings.BASE_DIR, world=world)
    key = _install(world, old)
    with _scene(world, outcome, versions=(old, new), key=key) as scene:
        _begin(scene)
        for number in range(count):
            _hand_over(scene, number)
            world.say(f"handed over {number + 1} of {count} times", done=number + 1, of=count)
    world.finish(seconds=_PATIENCE)
    _judge(scene)


def _install(world: World, version: Version) -> str:
    """Make the database as that version does; return the first API key."""
    world.empty_database()
    key = new_key()
    first = {"CARDGEN_BOOTSTRAP_KEY": key, "CARDGEN_BOOTSTRAP_ROLE": "operator"}
    for command in ("migrate", "load_catalogue", "bootstrap"):
        version.manage(command, "--verbosity", "0", **first)
    world.owner = User.objects.get(username=BOOTSTRAP_USER)
    return key


@contextmanager
def _scene(
    world: World, outcome: Outcome, *, versions: tuple[Version, Version], key: str
) -> Iterator[_Scene]:
    """Open the socket; afterwards every client has got its last answer."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=_QUEUE) as door:
        door.set_inheritable(True)
        webs = [Web(port=door.getsockname()[1], api_key=key)]
        names = range(_CLIENTS + 1)
        clients = [Client(webs, seed=f"{outcome.seed} {name}", stop=stop) for name in names]
        try:
            yield _Scene(
                world=world, outcome=outcome, versions=versions, door=door, clients=clients
            )
        finally:
            stop.set()
            for client in clients[1:]:
                client.join(_PATIENCE)


def _begin(scene: _Scene) -> None:
    """Have the release at work, and clients that order without pause."""
    old, _ = scene.versions
    _start(scene, old)
    for client in scene.clients[1:]:
        client.start()
    scene.see_work(old)


def _hand_over(scene: _Scene, number: int) -> None:
    """Have one version take the place of the other, with both at work for a while."""
    old, new = scene.versions if number % 2 == 0 else scene.versions[::-1]
    if number % 2 == 0:
        _migrate(scene, number)
        scene.see_work(old)
    _start(scene, new)
    scene.see_work(old, new)
    late = old.stop()
    scene.outcome.expect(not late, f"did not end by themselves: {', '.join(late)}")
    scene.see_work(new)
    scene.outcome.faults["upgrades" if number % 2 == 0 else "ways back"] += 1


def _start(scene: _Scene, version: Version) -> None:
    """Start its programs; workers first, as in a deploy."""
    version.start("worker", "--concurrency", "1")
    version.start("reconciler")
    version.start("web", listen=scene.door)


def _migrate(scene: _Scene, number: int) -> None:
    """Migrate with this version while the other one mints."""
    outcome = scene.outcome
    stops = [one.what for one in look() if one.state is State.STOP]
    outcome.expect(not stops, f"check_upgrade says stop: {'; '.join(stops)}")
    scene.keep_busy()
    waiting = sum(1 for _ in steps())
    began = time.monotonic()
    for command in ("migrate", "load_catalogue"):
        call_command(command, verbosity=0, stdout=sys.stderr)
    _expand(scene.world, number)
    outcome.facts["seconds_of_migrating"] = round(time.monotonic() - began, 1)
    outcome.faults["migrations during a job"] += waiting
    outcome.expect(load.remaining() > 0, "no job was under way when the migrations ended")


def _expand(world: World, number: int) -> None:
    """Add to every table that grows what no version knows: the next release may do so."""
    column = sql.Identifier(f"to_come_{number}")
    with psycopg.connect(paths.database_url(world.var), autocommit=True) as owner:
        for table in sorted(LARGE):
            owner.execute(_EXPAND.format(sql.Identifier(table), column))


def _judge(scene: _Scene) -> None:
    """Every order was done once; whoever was refused was told so; both versions did their part."""
    outcome, clients = scene.outcome, scene.clients
    requests = [request for client in clients for request in client.requests]
    scene.world.accepted |= {
        UUID(job_id): request.count for request in requests for job_id in request.job_ids
    }
    compare(outcome, requests)
    untold = sum(client.untold for client in clients)
    outcome.expect(not untold, f"requests that nobody answered as one should: {untold}")
    for version in scene.versions:
        outcome.facts[f"parts_minted_by_{version.name.replace(' ', '_')}"] = version.done("worker")
