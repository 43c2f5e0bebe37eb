"""R9: messages tripled, shuffled and kept for later. They carry no data, so nothing happens."""

import random
import time
from dataclasses import dataclass, field
from typing import cast

import redis
from django.db import connection

from cardgen.embedded import paths
from chaos.outcome import Outcome
from chaos.world import twin
from chaos.world.world import World, silent
from jobs.models import Job
from jobs.work import bell, run_here

_QUEUE = "celery"
_LEDGER = "SELECT slot, pan, expiry, cvv FROM uniqueness_ledger"
_COPIES = 2  # beside the message itself
_STALE_KEPT, _STALE_AT_ONCE = 200, 20
_STOCK = 25_000


@dataclass(slots=True)
class Forger:
    """Adds copies of the messages that wait, in another order, and old ones among them."""

    client: "redis.Redis"
    random: random.Random
    stale: list[bytes] = field(default_factory=list)
    forged: int = 0

    def forge(self, *, most: int) -> None:
        """Triple what waits, mix in stale messages, shuffle the queue."""
        waiting = cast("list[bytes]", self.client.lrange(_QUEUE, 0, most))
        again = (waiting * _COPIES + self.random.sample(self.stale, min(len(self.stale), 20)))[
            :most
        ]
        self.stale = [*self.stale, *waiting][-_STALE_KEPT:]
        every = [*waiting, *again]
        self.random.shuffle(every)
        if again:
            with self.client.pipeline(transaction=True) as batch:
                batch.ltrim(_QUEUE, len(waiting), -1)
                batch.rpush(_QUEUE, *every)
                batch.execute()
            self.forged += len(again)


def forge(world: World, outcome: Outcome, count: int) -> None:
    """R9: forge so many messages while jobs run; the cards are those of a calm run."""
    twin.make(world)
    world.start_clocks()
    world.start("worker")
    with redis.Redis(unix_socket_path=str(paths.valkey_socket(world.var))) as client:
        forger = Forger(client, world.random)
        while forger.forged < count:
            world.keep_busy(_STOCK)
            bell.ring_all()
            forger.forge(most=min(count - forger.forged, 500))
            time.sleep(0.02)
        world.say(f"{forger.forged:,} messages forged")
        outcome.faults["forged messages"] += forger.forged
        world.finish(seconds=120)
        world.until(
            lambda: client.llen(_QUEUE) == 0, what="the forged messages are read", seconds=180
        )
    world.end_programs()
    _compare(world, outcome)


def _compare(world: World, outcome: Outcome) -> None:
    """Mint the same orders in the same installation in peace: they must get the same cards."""
    forged, orders = _cards(), list(Job.objects.order_by("created_at").values_list("requested"))
    with twin.entered(world):
        for (cards,) in orders:
            for _ in run_here(world.submit(cards, ring=silent).id):
                pass
        calm = _cards()
    outcome.facts["cards_of_a_calm_run"] = len(calm)
    outcome.expect(
        forged == calm,
        f"cards not those of a calm run: {len(forged - calm):,}, lacking: {len(calm - forged):,}",
    )


def _cards() -> set[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_LEDGER)
        return set(cursor.fetchall())
