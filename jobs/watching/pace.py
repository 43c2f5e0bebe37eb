"""The figures of a job that people and programs watch."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from jobs.models import Job, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How far a job is. `rate` is cards per second since the job began or last went on."""

    id: UUID
    version: int
    status: str
    requested: int
    produced: int
    rate: float | None
    eta_seconds: float | None

    def as_message(self) -> dict[str, Any]:
        """The WebSocket message (DESIGN section 8), ready for JSON."""
        return {
            "type": "job",
            "id": str(self.id),
            "version": self.version,
            "status": self.status,
            "requested": self.requested,
            "produced": self.produced,
            "rate": self.rate,
            "eta_seconds": self.eta_seconds,
        }


def figures(job: Job) -> Figures:
    """Work out the figures; the same version of a job always gives the same ones."""
    rate = _rate(job)
    return Figures(
        id=job.id,
        version=job.version,
        status=job.status,
        requested=job.requested,
        produced=job.produced,
        rate=rate,
        eta_seconds=_eta(job, rate),
    )


def _rate(job: Job) -> float | None:
    if job.running_since is None or job.progressed_at is None:
        return None
    seconds = (job.progressed_at - job.running_since).total_seconds()
    made = job.produced - job.running_from
    return round(made / seconds, 1) if seconds > 0 and made > 0 else None


def _eta(job: Job, rate: float | None) -> float | None:
    if job.status != Status.RUNNING or not rate:
        return None
    return round((job.requested - job.produced) / rate, 1)
