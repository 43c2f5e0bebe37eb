"""What watchers are told of a job while it is minted."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import control, upkeep, work
from jobs.models import Job
from jobs.work import progress
from tests.support.actors import somebody
from tests.support.fixtures import silent
from tests.support.work import LONG


@pytest.fixture
def told(monkeypatch) -> list[int]:
    """The versions that watchers hear of."""
    versions: list[int] = []
    monkeypatch.setattr(progress, "publish", lambda **job: versions.append(job["version"]))
    return versions


def test_they_hear_of_the_first_cards_and_of_the_end_however_little_later(submit, settings, told):
    settings.CARDGEN_CHUNK_CARDS = 100
    settings.CARDGEN_WORKERS = 400  # so each of them tells every 100 s
    job = submit(count=300)
    work.work(duration=LONG)
    assert told == [3, Job.objects.get(id=job.id).version]


@pytest.mark.parametrize("act", [control.pause, control.cancel])
def test_they_hear_of_what_is_done_to_the_job(submit, told, act):
    job = act(submit(), actor=somebody())
    assert told == [job.version]


def test_they_hear_of_an_end_that_the_reconciler_makes(submit, told):
    job = submit()
    Job.objects.update(deadline=timezone.now() - timedelta(hours=1))
    upkeep.reconcile(ring=silent)
    job.refresh_from_db()
    assert (job.status, told) == ("failed", [job.version])
