"""All watchers of a real web process see the end of a job."""

from pathlib import Path

import pytest

from bench.service import Service
from bench.watch import watched_job
from tests.support.keys import create_key
from tests.support.processes import web
from tests.support.work import mint_one_chunk

pytestmark = pytest.mark.django_db(transaction=True)


def test_sockets_and_streams_all_see_the_end(user, submit, tmp_path: Path):
    job = submit()
    key = create_key(user=user, name="bench")
    with web(tmp_path / "web.log") as address:
        service = Service(url=address, api_key=key)
        requests = [watched_job._socket(service, str(job.id))] * 3
        requests += [watched_job._stream(service, str(job.id), key)] * 2
        with watched_job._crowd(service, requests) as crowd:
            assert watched_job._answer(crowd) == {"ready": 5}
            mint_one_chunk(job)
            seen = watched_job._answer(crowd)["last_seen"]
    job.refresh_from_db()
    assert job.finished_at.timestamp() <= seen
