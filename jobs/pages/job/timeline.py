"""What a job has been through, as a line with branches, read from its rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from jobs.models import FINAL, Job, Status
from jobs.watching import Retries


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened, or that comes; `aside` leaves the straight way and comes back."""

    state: str
    words: str
    at: datetime | None = None
    aside: bool = False
    comes: bool = False


def timeline(job: Job, retries: Retries | None) -> list[Step]:
    """List the steps in order, the one that comes next last."""
    return [*_past(job), *_asides(retries), *_end(job)]


def _past(job: Job) -> Iterator[Step]:
    yield Step(state="queued", words="ordered, numbers reserved", at=job.created_at)
    if job.started_at:
        yield Step(state="running", words="first cards are made", at=job.started_at)
    if job.running_since and job.started_at and job.running_since > job.started_at:
        words = f"went on with {job.running_from:,} cards"
        yield Step(state="running", words=words, at=job.running_since, aside=True)
    if job.progressed_at and job.status not in FINAL:
        words = f"last cards came in: {job.produced:,} are there"
        yield Step(state="running", words=words, at=job.progressed_at)


def _asides(retries: Retries | None) -> Iterator[Step]:
    if retries is None:
        return
    tried = f"attempt {retries.attempts} of {retries.max_attempts} failed: {retries.last_error}"
    yield Step(state="failed", words=tried, aside=True)
    if retries.next_attempt_at:
        words = f"attempt {retries.attempts + 1}"
        yield Step(state="queued", words=words, at=retries.next_attempt_at, aside=True, comes=True)


def _end(job: Job) -> Iterator[Step]:
    if job.status in FINAL:
        yield Step(state=job.status, words=_ending(job), at=job.finished_at)
        return
    if job.status in (Status.PAUSED, Status.CANCELLING):
        yield Step(state=job.status, words=_WAITING[job.status])
    yield Step(state=_NEXT[job.status], words="comes next", comes=True)


_WAITING: dict[str, str] = {
    Status.PAUSED: "nothing is made until somebody resumes it",
    Status.CANCELLING: "chunks in hand are finished first",
}
_NEXT: dict[str, str] = {
    Status.QUEUED: Status.RUNNING,
    Status.RUNNING: Status.SUCCEEDED,
    Status.PAUSED: Status.QUEUED,
    Status.CANCELLING: Status.CANCELLED,
}


def _ending(job: Job) -> str:
    if job.status == Status.SUCCEEDED:
        return f"all {job.produced:,} cards are there"
    return f"{job.produced:,} of {job.requested:,} cards are there and stay"
