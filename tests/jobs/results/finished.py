"""Finished jobs of 250 cards, and what tests ask of their results."""

from collections.abc import Iterable
from datetime import timedelta

from pytest_django import Settings

from jobs import work
from jobs.models import Job
from jobs.results import Block
from tests.support.fixtures import Submit


def run(submit: Submit, settings: Settings, **changes: object) -> Job:
    """A finished job of 250 cards in three chunks or more."""
    settings.CARDGEN_CHUNK_CARDS = 100
    job: Job = submit(**{"count": 250} | changes)
    work.work(duration=timedelta(seconds=60))
    job.refresh_from_db()
    assert (job.status, job.produced) == ("succeeded", 250)
    return job


def pans(blocks: Iterable[Block]) -> list[bytes]:
    return [pan for block in blocks for pan in block.batch.cards.pans.tolist()]


def url(job: Job, query: str) -> str:
    return f"/api/v1/cards/jobs/{job.id}/result?{query}"
