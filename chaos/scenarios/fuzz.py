"""R15: what nobody in their right mind sends, to every operation, with a key of each role."""

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from django.conf import settings

from chaos.fuzzing import corpus
from chaos.fuzzing.callers import make_keys
from chaos.fuzzing.operation import Operation, generated, operations
from chaos.fuzzing.samples import Samples, collect
from chaos.fuzzing.state import Watched
from chaos.fuzzing.verdict import is_refused, wrong_with
from chaos.fuzzing.wire import WireRequest
from chaos.outcome import Outcome
from chaos.world.web import Web
from chaos.world.world import World
from jobs import control
from jobs.models import FINAL, Job
from toolkit.actor import shell_user

_SCHEMA = settings.BASE_DIR / "docs" / "openapi.yaml"
_PLAIN = "/api/v1/schemes"
_TOLD = 20  # of the requests that were answered wrongly; the rest is counted


def bewilder(world: World, outcome: Outcome, count: int) -> None:
    """R15: send `count` requests or some more, half of them schemathesis', half our own."""
    web = world.start_web()
    keys = make_keys()
    callers = [replace(web, api_key=key) for key in keys.values()]
    samples = collect(callers[0], callers=callers)
    found = operations(_SCHEMA)
    each = math.ceil(count / len(found) / len(keys))
    judge = _Judge(web=web, keys=keys, watched=Watched())
    for number, operation in enumerate(found):
        for request in _requests(world, operation, samples, each=each):
            judge.send(request, operation=operation)
        world.say(f"{operation.method} {operation.path}", done=number + 1, of=len(found))
    judge.report(outcome)
    for role, caller in zip(keys, callers, strict=True):
        outcome.expect(caller.ask(_PLAIN).status == HTTPStatus.OK, f"the key of {role} is dead")
    _cancel_all(outcome)


def _requests(
    world: World, operation: Operation, samples: Samples, *, each: int
) -> list[WireRequest]:
    half = math.ceil(each / 2)
    made = generated(operation, samples=samples, chance=world.random, count=half)
    return made + corpus.requests(operation, samples=samples, chance=world.random, count=half)


@dataclass(slots=True, kw_only=True)
class _Judge:
    """Sends every request as every caller, and keeps what was wrong."""

    web: Web
    keys: dict[str, str]
    watched: Watched
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def send(self, request: WireRequest, *, operation: Operation) -> None:
        """Send it as each of them; a refused one must leave the database as it was."""
        for role, key in self.keys.items():
            answer = request.send(self.web, key=key)
            tables = self.watched.changed()
            self.answers[role, f"{answer.status // 100}xx"] += 1
            wrong = wrong_with(request, answer)
            if is_refused(answer) and tables:
                wrong = f"{wrong} was refused and changed {', '.join(tables)}".strip()
            if wrong:
                place = f"{operation.method} {operation.path} as {role}"
                self.wrong.append(f"{place} {wrong}; again: {request.as_curl()}")

    def report(self, outcome: Outcome) -> None:
        """Write down how many there were, and what was wrong with the first of them."""
        for (role, answered), times in sorted(self.answers.items()):
            outcome.faults[f"requests as {role} answered {answered}"] += times
        outcome.facts["answered_wrongly"] = len(self.wrong)
        outcome.problems.extend(self.wrong[:_TOLD])


def _cancel_all(outcome: Outcome) -> None:
    """End what was ordered and nobody is there to mint."""
    for job in Job.objects.all():
        outcome.may_end(job.id, "cancelled")
        if job.status not in FINAL:
            control.cancel(job, actor=shell_user())
