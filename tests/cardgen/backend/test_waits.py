"""Requests for which no connection is left: the web process' backend with a pool of one."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
from django.db import OperationalError, connection, connections
from psycopg_pool import ConnectionPool

from cardgen.backend.base import DatabaseWrapper
from jobs import work
from tests.support import processes
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pool(transactional_db: None) -> Iterator[ConnectionPool]:
    """Have this thread's connections come from a pool that holds one, and waits but a moment."""
    usual = connections["default"]
    changed = deepcopy(usual.settings_dict)
    changed |= {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}
    changed["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 1, "timeout": 0.1}
    pooled = DatabaseWrapper(changed, "default")
    pooled.pool.open(wait=True)
    connections["default"] = pooled
    try:
        yield pooled.pool
    finally:
        connections["default"] = usual
        pooled.close()
        pooled.close_pool()


@contextmanager
def nothing_left(pool: ConnectionPool) -> Iterator[None]:
    """Have somebody hold the one connection."""
    held = pool.getconn(timeout=30)
    try:
        yield
    finally:
        pool.putconn(held)


def waits(pool: ConnectionPool) -> int:
    """How often somebody had to wait for a connection."""
    return pool.get_stats().get("requests_queued", 0)


def end(pids: list[int]) -> None:
    """End connections from outside, as a restart of PostgreSQL does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid, 30000) FROM unnest(%s) AS pid", [pids])


def refused() -> None:
    """Ask for a connection, and get none."""
    with pytest.raises(OperationalError):
        connection.ensure_connection()


def test_a_request_waits_in_vain_once(pool):
    with nothing_left(pool):
        for _ in range(3):
            refused()
    assert waits(pool) == 1


def test_a_chunk_that_finds_no_connection_makes_its_request_wait_once(submit, pool):
    submit(count=10)
    lease = work.lease_next()
    connection.close()
    with nothing_left(pool), pytest.raises(OperationalError):
        work.execute(lease)  # it mints, writes down why it could not, and tells watchers
    assert waits(pool) == 1


def test_waits_add_up_though_they_were_not_in_vain(pool):
    held, pool.timeout = pool.getconn(timeout=30), 30

    def give_back() -> None:
        while not pool.get_stats()["requests_waiting"]:
            time.sleep(0.001)
        time.sleep(0.01)
        pool.putconn(held)

    giver = threading.Thread(target=give_back)
    giver.start()
    connection.ensure_connection()
    giver.join()
    connection.close()
    pool.timeout = 0.001
    refused()


def test_what_comes_after_may_wait_again(pool):
    with nothing_left(pool):
        for _ in range(2):
            refused()
            connection.close_if_unusable_or_obsolete()
    assert waits(pool) == 2
    connection.ensure_connection()


def test_dead_connections_are_replaced_all_at_once(pool):
    pool.resize(3, 3)
    pool.timeout = 30
    held = [pool.getconn(timeout=30) for _ in range(3)]
    pids = [found.info.backend_pid for found in held]
    for found in held:
        pool.putconn(found)
    assert at_once(1, lambda _: end(pids)) == [None]
    before = waits(pool)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert waits(pool) <= before + 1


def database(*, pool: str) -> dict[str, Any]:
    """Read how a process with such a CARDGEN_DATABASE_POOL reaches the database."""
    told = "import json; from cardgen.settings import DATABASES; print(json.dumps(DATABASES))"
    done = subprocess.run(
        [sys.executable, "-c", told],
        env=processes.environment(CARDGEN_DATABASE_POOL=pool),
        cwd=processes.ROOT,
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)["default"]


def test_only_a_web_process_has_it():
    assert database(pool="3")["ENGINE"] == "cardgen.backend"
    assert database(pool="0")["ENGINE"] == "django.db.backends.postgresql"


def test_the_pool_gives_up_reconnecting_no_later_than_a_request_gives_up_waiting():
    options = database(pool="3")["OPTIONS"]["pool"]
    assert options["reconnect_timeout"] <= options["timeout"]
