"""Files and memory are measured over real processes."""

from pathlib import Path

import psutil
import pytest

from bench import downloads
from bench.downloads.peak import Peak, children
from bench.service import Service
from jobs.models import Job
from tests.support.keys import create_key
from tests.support.processes import web, worker

CARDS = 1_000


@pytest.mark.django_db(transaction=True)
def test_all_files_of_a_large_job_are_fetched(user, catalogue, tmp_path: Path):
    key = create_key(user=user, name="bench")
    with web(tmp_path / "web.log") as address, worker(tmp_path / "worker.log"):
        service = Service(url=address, api_key=key)
        rows = {row.key: row for row in downloads.measure(service, cards=CARDS, rounds=2)}
    assert rows.keys() == {
        "downloads/csv",
        "downloads/ndjson",
        "downloads/gzip",
        "downloads/network",
        "downloads/memory/web",
        "downloads/memory/worker",
    }
    assert [len(row.values) for row in rows.values()] == [2, 2, 2, 2, 1, 1]
    assert all(row.value > 0 and row.aim is not None for row in rows.values())
    assert set(Job.objects.values_list("produced", flat=True)) == {CARDS, CARDS // 5}


def test_processes_are_found_by_a_word_of_their_command():
    with pytest.raises(SystemExit, match="no process of this run is a daphne"):
        children("daphne")


def test_the_greatest_of_all_looks_counts():
    peak = Peak([psutil.Process()])
    peak.look()
    before = peak.mebibytes
    held = bytearray(64 << 20)
    held[::4096] = b"x" * len(held[::4096])
    peak.look()
    del held
    peak.look()
    assert peak.mebibytes > before + 60
