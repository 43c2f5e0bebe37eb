"""R12: many jobs at once on a nearly empty range. It is used up exactly, and nobody overdraws."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from chaos.outcome import Outcome
from chaos.world.web import Web
from chaos.world.world import World
from generation.models import IssuerRange
from jobs.models import Job
from toolkit.actor import shell_user
from toolkit.wording import counted
from uniqueness.pool.capacity import figures_of
from uniqueness.registry import register_owned

_AT_ONCE = 16
_MOST = 150
_ROUNDS = 40


def exhaust(world: World, outcome: Outcome, count: int) -> None:
    """R12: 16 clients use up a range of 1,000 numbers, `count` times."""
    web = world.start_web()
    world.start("reconciler")
    world.start("worker")
    for number in range(count):
        issuer_range = _small_range(number)
        wishes = [world.random.randint(1, _MOST) for _ in range(_AT_ONCE)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            ordered = list(pool.map(partial(_order_until_empty, web, issuer_range.name), wishes))
        outcome.faults["ranges raced for"] += 1
        outcome.faults["orders refused"] += sum(refused for _, refused, _ in ordered)
        for _, _, problem in ordered:
            outcome.expect(not problem, problem)
        world.finish(seconds=60)
        _expect_all_issued(outcome, issuer_range, promised=sum(cards for cards, _, _ in ordered))
        world.say(f"range {number + 1} of {count} used up", done=number + 1, of=count)


def _order_until_empty(web: Web, name: str, wish: int) -> tuple[int, int, str]:
    """Order until nothing is left; return cards promised, orders refused, and what was wrong."""
    promised = refused = 0
    for _ in range(_ROUNDS):
        answer = web.ask("/api/v1/cards/generate-async", body={"range": name, "count": wish})
        if answer.status == 202:
            promised += wish
        elif answer.status == 409 and answer.json.get("code") == "range_exhausted":
            refused += 1
            left = answer.json["left"]
            if left >= wish:
                told = f"refused {counted(wish, 'number')}, left: {left:,}"
                return promised, refused, told
            wish = left
        else:
            return promised, refused, f"an order was answered {answer.status}"
        if wish == 0:
            return promised, refused, ""
    return promised, refused, f"not used up after {_ROUNDS} orders"


def _expect_all_issued(outcome: Outcome, issuer_range: IssuerRange, *, promised: int) -> None:
    figures = figures_of([issuer_range])[issuer_range.pk]
    failed = Job.objects.exclude(status="succeeded").count()
    outcome.expect(failed == 0, f"{counted(failed, 'accepted job')} did not succeed")
    usable = figures.capacity - figures.excluded
    outcome.expect(
        figures.issued == usable == promised,
        f"{issuer_range.name}: {figures.issued} issued, {promised} promised, {usable} there were",
    )


def _small_range(number: int) -> IssuerRange:
    return register_owned(
        scheme="maestro",
        iin=f"{50999900 + number}",
        pan_length=12,
        statement="numbers of nobody, for a chaos run",
        actor=shell_user(),
    )
