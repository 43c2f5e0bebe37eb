"""Prometheus reads the truth of all processes, at a port of its own, and no number or name."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from cardgen.configuration.environment import Environment
from cardgen.metrics import joined, rows
from cardgen.run import applications
from jobs import work
from jobs.models import Chunk
from tests.support.keys import create_key
from tests.support.processes import exporter, web
from tests.support.waiting import wait_until
from tests.support.work import LONG
from toolkit import totals
from toolkit.valkey.connections import client
from uniqueness.check import check

LABELS = {
    *("route", "method", "status", "code", "outcome", "layer", "state", "event", "le"),
    *("part", "role", "reason", "range", "what"),
}
ORDER = {"scheme": "visa", "count": 10, "label": "Ann's secret order"}
Samples = dict[str, dict[tuple[str, ...], float]]


@pytest.fixture
def nothing_counted() -> Iterator[None]:
    totals.flush()
    client().delete(totals._KEY)
    yield
    client().delete(totals._KEY)


def samples(families: Iterator[Metric]) -> Samples:
    """Read them: by name, then by the values of the labels in the order of their names."""
    found: Samples = {}
    for family in families:
        for sample in family.samples:
            found.setdefault(sample.name, {})[
                tuple(value for _, value in sorted(sample.labels.items()))
            ] = sample.value
    return found


def ask(url: str, *, key: str = "", body: object = None) -> tuple[int, str]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"X-API-Key": key, "Content-Type": "application/json"}
    request = urllib.request.Request(url, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=15) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def use(site: str, key: str) -> str:
    """Order, look, be refused; return a card number."""
    status, body = ask(f"{site}/api/v1/cards/generate", key=key, body=ORDER)
    assert status == 201, body
    answer = json.loads(body)
    assert ask(f"{site}/metrics")[0] == 404
    number = answer["cards"][0]["pan"]
    assert ask(f"{site}/api/v1/cards/jobs/{answer['job']}", key=key)[0] == 200
    assert ask(f"{site}/api/v1/cards/check", key=key, body={"numbers": [number]})[0] == 200
    assert ask(f"{site}/api/v1/cards/generate", key=key, body={"scheme": "x"})[0] == 400
    assert ask(f"{site}/api/v1/{number}", key=key)[0] == 404
    assert ask(f"{site}/api/v1/cards/jobs", key="wrong")[0] == 401
    return number


@pytest.mark.django_db(transaction=True)
def test_all_processes_are_counted_together(tmp_path: Path, user, submit, nothing_counted):
    key, job = create_key(user=user, name="k"), submit(count=1_000)
    with exporter(tmp_path / "metrics") as metrics, web(tmp_path / "web") as site:
        numbers = {use(site, key)}
        work.work(duration=LONG)
        check([*numbers])
        totals.flush()
        for counted in ("cards_issued_total 1010.0", 'refused_total{code="not_found"} 2.0'):
            wait_until(partial(tells, metrics, f"cardgen_{counted}"))
        text = ask(metrics)[1]
    assert str(job.id) not in text
    found = samples(text_string_to_metric_families(text))
    requests = found["cardgen_http_requests_total"]
    assert requests["POST", "/api/v1/cards/generate", "201"] == 1
    assert requests["GET", "/api/v1/cards/jobs/<uuid:job_id>", "200"] == 1
    assert found["cardgen_refused_total"]["not_authenticated",] == 1
    assert found["cardgen_jobs_ended_total"]["succeeded",] == 2
    assert sum(found["cardgen_check_findings_total"].values()) == 2
    assert found["cardgen_up"]["database",] == 1
    assert all(value == 1 for value in found["cardgen_read"].values())
    assert_tells_nothing(text, numbers, key)


def tells(metrics: str, line: str) -> bool:
    return line in ask(metrics)[1]


def assert_tells_nothing(text: str, numbers: set[str], key: str) -> None:
    """No number, key, person or label; every metric stands on the page."""
    told = (settings.BASE_DIR / "docs/monitoring.md").read_text()
    for word in (*numbers, key, "tester", "Ann"):
        assert word not in text
    assert set(re.findall(r'(\w+)="', text)) <= LABELS
    exposed = set(re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE))
    named = set(re.findall(r"^\| `(cardgen_\w+)` \|", told, re.MULTILINE))
    assert named - exposed == {"cardgen_database_free_bytes"}  # on another machine
    assert exposed <= named


@pytest.mark.django_db(transaction=True)
def test_work_is_seen_while_it_is_done(submit, nothing_counted):
    submit(count=1_000)
    found = samples(rows.families())
    assert found["cardgen_jobs"]["queued",] == 1
    assert found["cardgen_chunks"]["waiting",] == 1
    work.lease_next()
    Chunk.objects.update(lease_until="2026-01-01T00:00Z")
    found = samples(rows.families())
    assert found["cardgen_leases_expired"] == {(): 1}
    assert found["cardgen_oldest_lease_seconds"][()] > 1_000
    Chunk.objects.update(state="waiting", lease_until=None)
    work.work(duration=LONG)
    totals.flush()
    found = samples(rows.families()) | samples(joined.families())
    assert found["cardgen_jobs"] == dict.fromkeys(found["cardgen_jobs"], 0)
    assert found["cardgen_cards_issued_total"] == {(): 1_000}
    assert found["cardgen_chunk_seconds_count"]["done",] == 1
    ended = {("succeeded",): 1, ("failed",): 0, ("cancelled",): 0}
    assert found["cardgen_jobs_ended_total"] == ended


def test_no_query_counts_cards(catalogue):
    with CaptureQueriesContext(connection) as asked:
        list(rows.families())
    assert len(asked) < 25
    looks = [one["sql"] for one in asked.captured_queries if "uniqueness_ledger" in one["sql"]]
    # That of the windows: one row of the index for each million numbers.
    assert all("WITH RECURSIVE used" in look for look in looks)


def test_a_database_that_is_slow_leaves_a_group_out(catalogue, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rows, "_LIMIT", "SET LOCAL statement_timeout = '1ms'")

    def slow() -> Iterator[Metric]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(1)")
        yield from ()

    monkeypatch.setattr(rows, "_GROUPS", {"slow": slow})
    assert samples(rows.families()) == {"cardgen_read": {("slow",): 0}}


@pytest.mark.parametrize("given", ["9464", "127.0.0.1", "a:x", "http://a:1", "a:1/m", "u@a:1"])
def test_an_address_that_cannot_be_listened_at_is_refused(monkeypatch, given):
    monkeypatch.setenv("CARDGEN_METRICS", given)
    with pytest.raises(Exception, match="CARDGEN_METRICS must be HOST:PORT"):
        Environment().endpoint("CARDGEN_METRICS")


def test_without_an_address_the_command_says_which_setting():
    with pytest.raises(CommandError, match=r"CARDGEN_METRICS=127\.0\.0\.1:9464") as refused:
        call_command("serve_metrics")
    assert refused.value.returncode == 2


def test_make_run_starts_it_if_there_is_an_address():
    names = [one.name for one in applications(settings.VAR, listen=[], metrics=True)]
    without = [one.name for one in applications(settings.VAR, listen=[])]
    assert names == [*without, "metrics"]
