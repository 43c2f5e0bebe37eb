"""What the overview tells, each time read anew."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from cardgen.anomalies.models import Anomaly
from cardgen.http import parts
from generation.models import IssuerRange
from jobs import watching
from jobs.models import Chunk, ChunkState, Job, Status, Worker
from jobs.work import SILENT
from uniqueness.pool.capacity import RangeFigures, figures_of

_LOW = 10
"""A range with a smaller part than one tenth left runs low."""
_FORGOTTEN = timedelta(hours=1)
_FRESH = timedelta(seconds=10)
_RECENT = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A process, what it has in hand, and whether it has been silent for too long."""

    name: str
    role: str
    version: str
    seen_at: datetime
    stale: bool
    job_id: UUID | None
    lease_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LowRange:
    """A range that runs low."""

    name: str
    left: int
    capacity: int


def overview() -> dict[str, Any]:
    """Read everything; a dozen queries, none of which counts cards."""
    now, load, queue = timezone.now(), watching.load(), watching.look()
    return {
        "now": now,
        "load": load,
        "active": sum(load.jobs.values()),
        "queue": queue,
        "rate": cards_per_second(now),
        "processes": processes(now),
        "parts": parts.look(),
        "low": low_ranges(IssuerRange.objects.filter(enabled=True)),
    }


def cards_per_second(now: datetime) -> float:
    """Add up the rates of the jobs that got cards in the last ten seconds."""
    running = Job.objects.filter(status=Status.RUNNING, progressed_at__gt=now - _FRESH)
    return sum(watching.figures(job).rate or 0.0 for job in running)


def processes(now: datetime) -> list[Serving]:
    """List who serves the queue, or did within the hour, with the chunk that each mints."""
    known = Worker.objects.filter(seen_at__gt=now - _FORGOTTEN).order_by("role", "name")
    running = Chunk.objects.filter(state=ChunkState.RUNNING)
    in_hand = {row[0]: row[1:] for row in running.values_list("worker", "job_id", "lease_until")}
    silent = now - timedelta(seconds=SILENT)
    return [_serving(one, silent, *in_hand.get(one.name, (None, None))) for one in known]


def low_ranges(ranges: Iterable[IssuerRange]) -> list[LowRange]:
    """Pick the ranges of which less than a tenth is left, the emptiest first."""
    known = list(ranges)
    figures = figures_of(known)
    low = [
        LowRange(name=one.name, left=figures[one.pk].left, capacity=figures[one.pk].capacity)
        for one in known
        if runs_low(figures[one.pk])
    ]
    return sorted(low, key=lambda one: one.left / one.capacity)


def runs_low(figures: RangeFigures) -> bool:
    """Tell whether less than a tenth of a range is left."""
    return figures.left * _LOW < figures.capacity


def recent_anomalies(now: datetime) -> int:
    """Count those of the last day."""
    return Anomaly.objects.filter(at__gt=now - _RECENT).count()


def _serving(
    one: Worker, silent: datetime, job_id: UUID | None, lease_until: datetime | None
) -> Serving:
    return Serving(
        name=one.name,
        role=one.role,
        version=one.version,
        seen_at=one.seen_at,
        stale=one.seen_at < silent,
        job_id=job_id,
        lease_until=lease_until,
    )
