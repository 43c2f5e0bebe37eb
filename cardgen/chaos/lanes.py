"""Run scenarios, one after the other or side by side, each in a folder and a process of its own."""

import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from cardgen.chaos import report
from cardgen.chaos.outcome import Size
from cardgen.chaos.place import Laboratory
from cardgen.chaos.scenario import Scenario

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How scenarios are run: how many at once, and how long one that lasts a time is to last."""

    size: Size
    seed: int
    jobs: int = 1
    minutes: float | None = None


def run(
    scenarios: Sequence[Scenario], *, plan: Plan, laboratory: Laboratory, say: Say
) -> list[dict[str, Any]]:
    """Run the scenarios and return their outcomes in the same order.

    Those that measure a rate come first, with nothing beside them but what is quiet; then all
    others, the longest first.
    """
    one_run = partial(_run, plan=plan, laboratory=laboratory, say=say)
    alone = [one for one in scenarios if one.alone]
    others = [one for one in scenarios if not one.alone]
    others.sort(key=lambda one: (not one.quiet, -one.full_minutes))
    early = sum(one.quiet for one in others) if plan.jobs > 1 else 0
    pool = ThreadPoolExecutor(plan.jobs)
    try:
        futures = [pool.submit(one_run, one) for one in others[:early]]
        found = {one.id: one_run(one) for one in alone}
        futures += [pool.submit(one_run, one) for one in others[early:]]
        found |= {one.id: done.result() for one, done in zip(others, futures, strict=True)}
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        laboratory.close()  # or the pool would wait for them
        raise
    finally:
        pool.shutdown()
    return [found[one.id] for one in scenarios]


def _run(scenario: Scenario, *, plan: Plan, laboratory: Laboratory, say: Say) -> dict[str, Any]:
    say(f"{scenario.id}: {scenario.fault}, {scenario.count(plan.size):,} times")
    try:
        outcome = laboratory.run(scenario, size=plan.size, seed=plan.seed, minutes=plan.minutes)
    except subprocess.CalledProcessError as error:
        outcome = report.crashed(scenario, seed=plan.seed, code=error.returncode)
    verdict = "passed" if outcome["passed"] else f"FAILED: {'; '.join(outcome['problems'])}"
    say(f"{scenario.id}: {verdict} ({outcome['seconds']} s)")
    return outcome
