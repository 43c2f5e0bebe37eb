"""What watchers are told of a job while it is minted."""

import pytest

from jobs import work
from jobs.models import Job
from jobs.work import progress
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
