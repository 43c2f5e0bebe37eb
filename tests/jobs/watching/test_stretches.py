"""How fast a job went, from the times at which its chunks were done."""

from datetime import UTC, datetime, timedelta

import pytest

from jobs import watching, work
from jobs.models import Chunk, Job, Status
from tests.support.fixtures import Submit
from tests.support.work import LONG

BEGUN = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return BEGUN + timedelta(seconds=seconds)


@pytest.fixture(autouse=True)
def small_chunks(settings) -> None:
    settings.CARDGEN_CHUNK_CARDS = 100


def timed(job: Job, *seconds: float | None, status: str = Status.SUCCEEDED) -> Job:
    """The job as if its chunks had been done so long after it began; None: nobody knows when."""
    for chunk, passed in zip(Chunk.objects.filter(job=job).order_by("id"), seconds, strict=True):
        at = None if passed is None else after(passed)
        Chunk.objects.filter(pk=chunk.pk).update(done_at=at, produced=100)
    job.started_at, job.status = BEGUN, status
    return job


def test_a_chunk_knows_when_its_cards_were_written(submit: Submit) -> None:
    job = submit(count=300)
    work.execute(work.lease_next())
    assert Chunk.objects.filter(job=job, done_at=None).count() == 2
    work.work(duration=LONG)
    job.refresh_from_db()
    times = [chunk.done_at for chunk in Chunk.objects.filter(job=job)]
    assert all(at and job.started_at <= at <= job.progressed_at for at in times)


def test_time_is_cut_into_stretches_of_one_length(submit: Submit) -> None:
    job = timed(submit(count=600), 1, 2, 4, 7, 7.5, 9)
    stretches = watching.history(job, now=after(9))
    assert [stretch.at for stretch in stretches] == [BEGUN, after(3), after(6)]
    assert [stretch.cards for stretch in stretches] == [200, 100, 300]
    assert [round(stretch.rate, 1) for stretch in stretches] == [66.7, 33.3, 100.0]


def test_all_cards_are_in_some_stretch(submit: Submit) -> None:
    job = timed(submit(count=2_000), *[place * 0.31 for place in range(1, 21)])
    stretches = watching.history(job, now=after(9))
    assert sum(stretch.cards for stretch in stretches) == 2_000
    assert sum(stretch.cards for stretch in stretches[:5]) == 1_000
    assert len(stretches) == 10


def test_there_are_never_more_than_a_line_can_show(submit: Submit) -> None:
    job = timed(submit(count=15_000), *range(1, 151))
    assert len(watching.history(job, now=after(200))) == 60


def test_a_job_that_stands_still_shows_it(submit: Submit) -> None:
    job = timed(submit(count=400), 1, 2, 3, 4, status=Status.PAUSED)
    assert [s.cards for s in watching.history(job, now=after(4.5))] == [200, 200]
    assert [s.cards for s in watching.history(job, now=after(100))] == [400, 0]
    job.status = Status.CANCELLED
    assert [s.cards for s in watching.history(job, now=after(100))] == [200, 200]


@pytest.mark.parametrize("seconds", [(0.1, 0.2, 0.3, 0.4), (None,) * 4, (None, None, None, 5)])
def test_of_what_says_nothing_there_is_no_line(submit: Submit, seconds: tuple[float, ...]) -> None:
    assert watching.history(timed(submit(count=400), *seconds), now=after(9)) == []


def test_of_a_job_that_has_not_begun_there_is_no_line(submit: Submit) -> None:
    assert watching.history(submit(count=400), now=after(9)) == []
