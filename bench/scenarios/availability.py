"""The scenarios while parts are killed, restarted and rolled; then every card is counted."""

import os
import sys
from collections import Counter
from uuid import UUID

import django

django.setup()

from django.conf import settings  # noqa: E402 (models need Django set up)
from django.db import connections  # noqa: E402

from bench.scenarios.blame import blamed  # noqa: E402
from bench.scenarios.faults import UNITS, Faults  # noqa: E402
from bench.scenarios.load import Found, caches, offered  # noqa: E402
from bench.scenarios.summary import Summary, text_of, text_of_faults  # noqa: E402
from bench.service import Service  # noqa: E402
from chaos import place  # noqa: E402
from chaos.outcome import Failure, Outcome  # noqa: E402
from chaos.proof import prove  # noqa: E402
from chaos.world.services import Services, serving  # noqa: E402
from chaos.world.world import World, opened  # noqa: E402

_SHORTEST_PAUSE, _LONGEST_PAUSE, _PAUSES = 5, 30, 60
_ENDED_WITHIN = 180.0


def main() -> int:
    """Run the scenarios, print the summary; tell whether a card was lost or is there twice."""
    users, seconds, seed = map(int, sys.argv[1:])
    place.install()
    connections.close_all()  # its servers have ended
    (settings.VAR / "current").symlink_to(settings.BASE_DIR)
    outcome = Outcome(scenario="load", seed=seed)
    with opened(var=settings.VAR, seed=str(seed)) as world:
        with serving(settings.VAR, os.environ) as services:
            summary, found = _asked(world, services, outcome, users=users, seconds=seconds)
        accepted = {UUID(job): cards for job, cards in found["accepted"].items()}
        prove(outcome, accepted=accepted)
    outcome.expect(not found["twice"], f"brought to clients twice: {found['twice']:,} numbers")
    print(text_of(summary), text_of_faults(outcome, found["blamed"]), sep="\n\n")  # noqa: T201
    return int(bool(outcome.problems))


def _asked(
    world: World, services: Services, outcome: Outcome, *, users: int, seconds: int
) -> tuple[Summary, Found]:
    """Have users ask while faults are done, then wait until every job has ended by itself."""
    for unit in UNITS:
        if not services.restart(unit):
            raise Failure(f"{unit} does not start: {services.log.read_text()[-500:]}")
    service = Service(url=f"http://127.0.0.1:{services.port}", api_key=world.new_key())
    faults = Faults(world, services)
    pause = min(max(seconds / _PAUSES, _SHORTEST_PAUSE), _LONGEST_PAUSE)
    with offered(service, users=users, seconds=seconds) as found:
        faults.trouble(seconds=seconds - pause, pause=pause)
    outcome.faults = Counter(name for _, name in faults.done)
    found["blamed"] = blamed(found["failed"], done=faults.done)
    services.revive()
    world.finish(seconds=_ENDED_WITHIN)
    return Summary.of(found, caches=caches(service), seconds=seconds), found


if __name__ == "__main__":
    sys.exit(main())
