"""R18: half of all progress messages are lost on their way. Whoever watches sees the end soon."""

import threading
import time
from itertools import pairwise
from typing import Any

from cardgen.embedded import paths
from chaos.outcome import Outcome
from chaos.world.muffler import Muffler
from chaos.world.web import LivePage, Web
from chaos.world.world import World
from jobs.models import FINAL, Job
from jobs.watching import figures

_LOST = 0.5
_AT_ONCE = 4
_CARDS = (30_000, 90_000)
_RIGHT_WITHIN = 5.0
_PATIENCE = 60.0


class PageWatcher(threading.Thread):
    """Somebody who watches the page of one job until it shows that the job has ended."""

    def __init__(self, web: Web, *, job_id: str) -> None:
        super().__init__(daemon=True)
        self.job_id = job_id
        self.shown: list[dict[str, Any]] = []
        self.ended_at = 0.0
        self._page = LivePage(web, job_id=job_id)

    def run(self) -> None:
        """Look until the end, or until patience is at its end."""
        until = time.monotonic() + _PATIENCE
        while not self.ended_at and time.monotonic() < until:
            figures = self._page.look(seconds=0.1)
            if figures and (not self.shown or figures != self.shown[-1]):
                self.shown.append(figures)
            if figures and figures["status"] in FINAL:
                self.ended_at = time.monotonic()
        self._page.close()

    @property
    def went_back(self) -> bool:
        """Tell whether a figure was ever followed by a smaller or an older one."""
        marks = [(shown["version"], shown["produced"]) for shown in self.shown]
        return any(
            later[0] <= earlier[0] or later[1] < earlier[1] for earlier, later in pairwise(marks)
        )


def lose_messages(world: World, outcome: Outcome, count: int) -> None:
    """R18: swallow half of what is published while people watch so many jobs."""
    valkey = paths.valkey_socket(world.var)
    muffler = Muffler(valkey, share=_LOST, seed=f"{outcome.seed}")
    muffler.start()
    channels = {"CHANNEL_URL": f"redis://127.0.0.1:{muffler.port}/2"}
    web = world.start_web(**channels)
    world.start("reconciler", **channels)
    world.start("worker", **channels)
    for first in range(0, count, _AT_ONCE):
        _watch(world, outcome, web, jobs=min(_AT_ONCE, count - first))
        watched = min(first + _AT_ONCE, count)
        world.say(f"{watched} of {count} jobs watched", done=watched, of=count)
    outcome.faults["messages swallowed"] += muffler.swallowed
    outcome.facts["messages_passed_on"] = muffler.passed
    outcome.expect(muffler.swallowed > 0, "no message was swallowed")


def _watch(world: World, outcome: Outcome, web: Web, *, jobs: int) -> None:
    ordered = [world.submit(world.random.randint(*_CARDS)) for _ in range(jobs)]
    watchers = [PageWatcher(web, job_id=str(job.id)) for job in ordered]
    for watcher in watchers:
        watcher.start()
    ended: dict[str, float] = {}
    world.until(lambda: _note_ends(ordered, ended), what="the watched jobs end", seconds=_PATIENCE)
    for watcher in watchers:
        watcher.join(_PATIENCE)
        _judge(outcome, watcher, ended_at=ended[watcher.job_id])
        outcome.faults["jobs watched"] += 1


def _note_ends(jobs: list[Job], ended: dict[str, float]) -> bool:
    """Note by this process' clock when the database first says that a job has ended."""
    final = Job.objects.filter(id__in=[job.id for job in jobs], status__in=FINAL)
    for job_id in final.values_list("id", flat=True):
        ended.setdefault(str(job_id), time.monotonic())
    return len(ended) == len(jobs)


def _judge(outcome: Outcome, watcher: PageWatcher, *, ended_at: float) -> None:
    outcome.expect(not watcher.went_back, f"figures of job {watcher.job_id} went backwards")
    right = figures(Job.objects.get(id=watcher.job_id)).as_message()
    last = watcher.shown[-1] if watcher.shown else {}
    outcome.expect(last == right, f"the page shows {last}, right is {right}")
    seconds = max(0.0, watcher.ended_at - ended_at) if watcher.ended_at else _PATIENCE
    outcome.recovered(seconds, within=_RIGHT_WITHIN, what="the right final figure on the page")
