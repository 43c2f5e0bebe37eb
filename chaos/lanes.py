"""Run scenarios, one after the other or side by side, each in a folder and a process of its own."""

import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from chaos import report
from chaos.outcome import Size
from chaos.place import Laboratory
from chaos.remaining import Estimate
from chaos.scenario import Scenario
from toolkit.wording import counted

Say = Callable[[str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """How scenarios are run: how many at once, and how long one that lasts a time is to last."""

    size: Size
    seed: int
    jobs: int = 1
    minutes: float | None = None


def run(
    scenarios: Sequence[Scenario], *, plan: RunPlan, laboratory: Laboratory, say: Say
) -> list[dict[str, Any]]:
    """Run the scenarios and return their outcomes in the same order.

    Those that measure a rate come first, with nothing beside them but what is quiet; then all
    others, the longest first.
    """
    weights = {one.id: one.full_minutes if plan.size is Size.FULL else 1 for one in scenarios}
    progress = _Progress(weights=weights)
    one_run = partial(_run, plan=plan, laboratory=laboratory, say=say, progress=progress)
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


@dataclass(slots=True, kw_only=True)
class _Progress:
    """How many scenarios have ended, and what part of the work that was, by their weights."""

    weights: Mapping[str, float]
    ended: int = 0
    done: float = 0.0
    estimate: Estimate = field(default_factory=Estimate)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def after(self, scenario: Scenario) -> str:
        """Count one that has ended; say how far it is."""
        with self.lock:
            self.ended += 1
            self.done += self.weights[scenario.id]
            left = self.estimate.left(done=self.done, of=sum(self.weights.values()))
            return f"{self.ended} of {len(self.weights)} scenarios done{left}"


def _run(
    scenario: Scenario, *, plan: RunPlan, laboratory: Laboratory, say: Say, progress: _Progress
) -> dict[str, Any]:
    say(f"{scenario.id}: {scenario.fault}, {counted(scenario.count(plan.size), 'time')}")
    try:
        outcome = laboratory.run(scenario, size=plan.size, seed=plan.seed, minutes=plan.minutes)
    except subprocess.CalledProcessError as error:
        outcome = report.crashed(scenario, seed=plan.seed, code=error.returncode)
    verdict = "passed" if outcome["passed"] else f"FAILED: {'; '.join(outcome['problems'])}"
    say(f"{scenario.id}: {verdict} ({outcome['seconds']} s); {progress.after(scenario)}")
    return outcome
