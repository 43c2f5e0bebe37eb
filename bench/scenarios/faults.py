"""What is done to a service while it is asked: each kind in turn, in an order by chance."""

import subprocess
import time
from collections.abc import Callable

from django.conf import settings

from chaos.outcome import Failure
from chaos.world.services import Services
from chaos.world.world import World

WEBS = ("cardgen-web@1.service", "cardgen-web@2.service")
UNITS = ("cardgen-worker.service", "cardgen-reconciler.service", "cardgen-beat.service", *WEBS)
_ROLL = "set -euo pipefail; . deploy/steps.sh; restart_all"
_AWAY = (1.0, 4.0)
_REVIVED_AFTER = 1.0  # RestartSec of the units


class Faults:
    """Kills, restarts and rolls what serves; `done` says what was done when (monotonic clock)."""

    def __init__(self, world: World, services: Services) -> None:
        """Do nothing yet."""
        self.done: list[tuple[float, str]] = []
        self._world, self._services, self._random = world, services, world.random
        self._kinds: dict[str, Callable[[], object]] = {
            "worker killed": lambda: services.kill(UNITS[0]),
            "reconciler killed": lambda: services.kill(UNITS[1]),
            "web process killed": lambda: services.kill(self._random.choice(WEBS)),
            "Valkey killed, empty when it comes back": self._empty_valkey,
            "one service restarted": lambda: services.restart(self._random.choice(UNITS)),
            "all rolled, as deploy.sh does": self._roll,
        }

    def trouble(self, *, seconds: float, pause: float) -> None:
        """Do one thing after another, for about so long; rest in between, so that it recovers.

        :raises Failure: if a roll does not come to its end
        """
        until, deck = time.monotonic() + seconds, list[str]()
        self._rest(pause / 2)
        while time.monotonic() < until:
            deck = deck or self._random.sample(sorted(self._kinds), k=len(self._kinds))
            name = deck.pop()
            self._world.say(name)
            self.done.append((time.monotonic(), name))
            self._kinds[name]()
            self._rest(pause * self._random.uniform(0.7, 1.3))

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(_REVIVED_AFTER)
            self._services.revive()

    def _empty_valkey(self) -> None:
        self._world.valkey.kill()
        time.sleep(self._random.uniform(*_AWAY))
        self._world.valkey.start()

    def _roll(self) -> None:
        """Have the script of a deploy restart everything, one after another."""
        told = {"CARDGEN_SYSTEMCTL": self._services.systemctl, "PATH": "/usr/bin:/bin"}
        done = subprocess.run(
            ["/bin/bash", "-c", _ROLL],
            cwd=settings.BASE_DIR,
            env=told,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise Failure(f"a roll ended early: {done.stderr.strip()[-200:]}")
