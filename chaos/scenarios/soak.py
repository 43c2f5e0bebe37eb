"""R22: jobs, requests and watchers for long. Memory, descriptors and connections stay flat."""

import statistics
import time
from collections.abc import Sequence

from chaos.outcome import Outcome
from chaos.world.meters import Meters, Reading, growth
from chaos.world.victims import Victim
from chaos.world.web import LivePage, Web
from chaos.world.world import World
from jobs.models import FINAL, Chunk, Job
from toolkit.wording import counted

_SECONDS_PER_JOB = 2.4
_CARDS = (5_000, 30_000)
_WARM_UP_CARDS = 200_000  # four chunks: the bell rings for every child at once
_WARM_UP = 0.4  # of the run: allocators, caches and pools fill up to their bounds
_SLOPE_PER_HOUR = 0.05
_NOISE_MB = 12.0  # seen: 5 MB up and down within seconds, as collections and arenas go
_SPARE_DESCRIPTORS, _SPARE_CONNECTIONS = 8, 4
_EVERY = 1.0
_PATIENCE = 60.0
_SAID_EVERY = 10


def soak(world: World, outcome: Outcome, count: int) -> None:
    """R22: so many jobs, evenly over the time, each ordered, watched, read and downloaded."""
    web, victim = world.start_web_process()
    programs = {name: world.start(name) for name in ("worker", "beat", "reconciler")}
    meters = Meters(programs={"web": victim, **programs})
    world.until(
        lambda: _all_have_minted(world, outcome, web, worker=programs["worker"]),
        what="every child of the worker has written a chunk",
        seconds=_PATIENCE,
    )
    seconds = count * _SECONDS_PER_JOB if world.minutes is None else world.minutes * 60
    started = time.monotonic()
    for number in range(count):
        _one_job(world, outcome, web, cards=world.random.randint(*_CARDS))
        meters.read()
        until = started + (number + 1) * seconds / count
        while (now := time.monotonic()) < until:
            time.sleep(min(max(_EVERY, seconds / 1_000), until - now))
            meters.read()
        outcome.faults["jobs, watched and downloaded"] += 1
        if (number + 1) % _SAID_EVERY == 0:
            world.say(f"job {number + 1} of {count} downloaded", done=number + 1, of=count)
    world.finish(seconds=120)
    outcome.facts["minutes"] = round((time.monotonic() - started) / 60, 1)
    _judge(outcome, meters)


def _all_have_minted(world: World, outcome: Outcome, web: Web, *, worker: Victim) -> bool:
    """Order a job; a child's first chunk makes it 10 to 15 MB larger, once and for good."""
    _one_job(world, outcome, web, cards=_WARM_UP_CARDS)
    minted = {name.rpartition(":")[2] for name in Chunk.objects.values_list("worker", flat=True)}
    return {str(child.pid) for child in worker.children()} <= minted


def _one_job(world: World, outcome: Outcome, web: Web, *, cards: int) -> None:
    """Do what a client does: order, watch until the end, read the list, download."""
    body = {"scheme": "visa", "count": cards}
    job_id = web.ask("/api/v1/cards/generate-async", body=body).json["id"]
    page = LivePage(web, job_id=job_id)
    world.until(
        lambda: page.look(seconds=0.1).get("status") in FINAL,
        what="the page shows the end",
        seconds=_PATIENCE,
    )
    page.close()
    web.ask("/api/v1/cards/generate", body={"scheme": "visa", "count": 10})
    listed = web.ask("/api/v1/cards/jobs")
    file = web.ask(f"/api/v1/cards/jobs/{job_id}/result?format=csv")
    lines = file.body.count(b"\n") - 1
    right = listed.status == 200 and lines == Job.objects.get(id=job_id).requested
    outcome.expect(
        right, f"job {job_id}: {counted(lines, 'line')} downloaded, list answered {listed.status}"
    )


def _judge(outcome: Outcome, meters: Meters) -> None:
    """Compare what was held after the warm-up with what was held at the end."""
    for name, every in meters.readings.items():
        readings = every[int(len(every) * _WARM_UP) :]
        _judge_memory(outcome, name, readings)
        held = [reading.descriptors for reading in readings]
        _expect_flat(outcome, f"{name}: descriptors", held, spare=_SPARE_DESCRIPTORS)
    connections = meters.connections[int(len(meters.connections) * _WARM_UP) :]
    _expect_flat(outcome, "database connections", connections, spare=_SPARE_CONNECTIONS)


def _judge_memory(outcome: Outcome, name: str, readings: Sequence[Reading]) -> None:
    """At most 5 % an hour; in a run too short to see that, no more than readings scatter."""
    hours = (readings[-1].at - readings[0].at) / 3_600
    usual = statistics.median(reading.megabytes for reading in readings)
    grew = growth(readings)
    allowed = max(usual * _SLOPE_PER_HOUR * hours, _NOISE_MB)
    outcome.facts[f"{name}_MB"] = round(usual, 1)
    outcome.facts[f"{name}_MB_grown"] = round(grew, 1)
    outcome.expect(
        grew <= allowed, f"{name}: grew by {grew:.1f} MB of {usual:.0f}, {allowed:.1f} are allowed"
    )


def _expect_flat(outcome: Outcome, what: str, held: Sequence[int], *, spare: int) -> None:
    half = len(held) // 2
    before, after = statistics.median(held[:half] or held), statistics.median(held[half:])
    outcome.expect(after <= before + spare, f"{what}: {before:.0f}, later {after:.0f}")
