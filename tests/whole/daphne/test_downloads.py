"""Downloads that break and are checked, through a real Daphne and with the usual tools."""

import http.client
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from jobs import work
from jobs.models import Job
from tests.support.keys import create_key
from tests.support.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def key(user) -> str:
    """An API key."""
    return create_key(user=user, name="downloads")


@pytest.fixture
def client(site: str, catalogue: None) -> Iterator[http.client.HTTPConnection]:
    """One connection to a web process."""
    where = urlsplit(site)
    with closing(http.client.HTTPConnection(where.hostname, where.port, timeout=30)) as connection:
        yield connection


def finished(submit, count: int) -> Job:
    job: Job = submit(count=count)
    work.work(duration=timedelta(seconds=60))
    return job


def ask(client, job: Job, query: str, *, key: str, method: str = "GET", **headers: str):
    send(client, job, query, key=key, method=method, **headers)
    return client.getresponse()


def send(client, job: Job, query: str, *, key: str, method: str = "GET", **headers: str) -> None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    path = f"/api/v1/cards/jobs/{job.id}/result{query}"
    client.request(method, path, headers={"X-API-Key": key} | named)


@pytest.mark.parametrize("fields", ["", "&fields=pan,expiry,cvv"])
def test_a_download_that_broke_is_completed_and_passes_sha256sum(
    submit, key, client, tmp_path, fields
):
    job = finished(submit, 120_000)
    file = tmp_path / f"cardgen-{job.id}.csv"
    begun = ask(client, job, f"?format=csv{fields}", key=key)
    file.write_bytes(begun.read(1_000_001))
    client.close()
    rest = {"Range": "bytes=1000001-", "If_Range": begun.headers["ETag"]}
    with file.open("ab") as output:
        output.write(ask(client, job, f"?format=csv{fields}", key=key, **rest).read())
    sums = tmp_path / "sums"
    sums.write_bytes(ask(client, job, f"/sha256?format=csv{fields}", key=key).read())
    subprocess.run(["sha256sum", "--check", "--strict", sums], cwd=tmp_path, check=True)


def test_head_sends_headers_alone_and_the_connection_goes_on(submit, key, client):
    job = finished(submit, 1_000)
    for query in ("?format=csv", "?format=csv&fields=pan,cvv", "?format=parquet", ""):
        head = ask(client, job, query, key=key, method="HEAD")
        assert (head.status, head.read()) == (200, b"")
    whole = ask(client, job, "?format=csv&fields=pan,cvv", key=key)
    assert int(whole.headers["Content-Length"]) == len(whole.read())


def test_head_of_any_large_page_leaves_the_connection_usable(client):
    client.request("GET", "/api/schema")
    size = len(client.getresponse().read())
    assert size > 1 << 16
    for _ in range(3):
        client.request("HEAD", "/api/schema")
        head = client.getresponse()
        assert (head.status, head.read()) == (200, b"")


def test_files_given_up_while_they_are_written_hold_nothing_for_long(submit, key, client, settings):
    settings.CARDGEN_CHUNK_CARDS = 10_000  # a file that is given up ends with its block
    job = finished(submit, 120_000)
    for _ in range(2):
        with two_being_written(client, job, key):
            third = ask(client, job, "?format=xlsx", key=key)
            assert (third.status, third.headers["Retry-After"]) == (429, "5")
            third.read()
        wait_until(lambda: being_written() == 0)
    assert ask(client, job, "", key=key).status == 200


def test_the_head_of_a_file_comes_before_the_file_is_written(submit, key, client):
    job = finished(submit, 120_000)
    head = ask(client, job, "?format=xlsx", key=key)
    assert (head.status, head.headers["Accept-Ranges"]) == (200, "none")
    wait_until(rows_are_being_written)
    client.close()
    wait_until(lambda: being_written() == 0)


def rows_are_being_written() -> bool:
    """Tell whether there are rows that are not in a worksheet yet."""
    names = {path.name for path in settings.CARDGEN_SPOOL.glob("*/*")}
    return bool(names) and "cards.xlsx" not in names


@contextmanager
def two_being_written(client: http.client.HTTPConnection, job: Job, key: str) -> Iterator[None]:
    """Ask for two files and hang up at the end; they take seconds to write, nobody waits for it."""
    with ExitStack() as stack:
        for _ in range(2):
            lost = http.client.HTTPConnection(client.host, client.port, timeout=30)
            send(stack.enter_context(closing(lost)), job, "?format=xlsx", key=key)
        wait_until(lambda: being_written() == 2)
        yield


def being_written() -> int:
    """Count the files that the web process writes on disk."""
    return len(list(settings.CARDGEN_SPOOL.glob("*")))
