"""The embedded servers start, start again, and survive what happens to them."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil
import psycopg
import pytest
import redis
from kombu import Connection

from cardgen.embedded import accounts, ownership, paths, postgres, processes, servers, valkey

T = TypeVar("T")
PAN = "4111111111111111"
HOLD = """
import sys, time, pathlib
from cardgen.embedded import servers
with servers.running(pathlib.Path(sys.argv[1])):
    print("up", flush=True)
    time.sleep(60)
"""


def connect(var: Path) -> psycopg.Connection:
    return psycopg.connect(paths.database_url(var), autocommit=True)


def postmaster(var: Path) -> psutil.Process:
    pid = processes.pid_in(paths.postgres_data(var) / "postmaster.pid")
    assert pid is not None
    return psutil.Process(pid)


def at_work(var: Path) -> list[psutil.Process]:
    return processes.living_in(paths.postgres_data(var), postgres.NAME) + processes.living_in(
        paths.valkey_data(var), valkey.NAME
    )


def told_by_each(var: Path, ask: Callable[[psutil.Process], T]) -> list[T]:
    """Ask every process of the servers; PostgreSQL's come and go meanwhile."""
    found = []
    for one in at_work(var):
        with contextlib.suppress(psutil.NoSuchProcess):
            found.append(ask(one))
    return found


def spawn_owner(var: Path) -> subprocess.Popen[bytes]:
    owner = subprocess.Popen([sys.executable, "-c", HOLD, str(var)], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"up\n"
    owner.stdout.close()
    return owner


def wait_until_gone(var: Path, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while at_work(var):
        assert time.monotonic() < deadline, at_work(var)
        time.sleep(0.05)


def test_data_outlives_a_clean_stop(var: Path) -> None:
    with servers.running(var), connect(var) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    assert at_work(var) == []
    with servers.running(var), connect(var) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


def test_data_is_durable_and_listens_nowhere(var: Path) -> None:
    with servers.running(var), connect(var) as connection:
        for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
            assert connection.execute(f"SHOW {name}").fetchone() == ("on",)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert not any(told_by_each(var, lambda one: one.net_connections("inet")))


def test_servers_never_run_as_root(var: Path) -> None:
    with servers.running(var):
        assert 0 not in told_by_each(var, lambda one: one.uids().real)


def test_three_valkey_databases_are_apart(var: Path) -> None:
    with servers.running(var):
        with redis.Redis.from_url(paths.cache_url(var)) as cache:
            cache.set("key", "value")
        with redis.Redis.from_url(paths.channel_url(var)) as channels:
            assert channels.get("key") is None


def test_kombu_reaches_the_broker(var: Path) -> None:
    with servers.running(var), Connection(paths.broker_url(var)) as broker:
        broker.ensure_connection(max_retries=1)


def test_a_second_user_of_the_same_folder_joins_and_leaves_it_alone(var: Path) -> None:
    with servers.running(var):
        first = postmaster(var).pid
        with servers.running(var):
            assert postmaster(var).pid == first
        assert postmaster(var).is_running()


def test_committed_rows_survive_kill_9_of_the_postmaster(var: Path) -> None:
    with servers.running(var):
        with connect(var) as connection:
            connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 100000) AS one")
        postmaster(var).kill()
    with servers.running(var), connect(var) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (100_000,)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs PR_SET_PDEATHSIG")
def test_servers_end_with_a_killed_owner(var: Path) -> None:
    owner = spawn_owner(var)
    owner.kill()
    owner.wait()
    wait_until_gone(var)


def test_servers_left_by_a_killed_owner_are_stopped_before_the_next_start(var: Path) -> None:
    for server in (servers.POSTGRES, servers.VALKEY):
        server.prepare(var)
        account = accounts.server_account()
        subprocess.Popen(
            server.module.command(var),
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            user=account.uid if account else None,
            group=account.gid if account else None,
        ).returncode = 0  # nobody waits for it
        server.module.wait_ready(var)
    orphan = postmaster(var).pid
    with servers.running(var):
        assert postmaster(var).pid != orphan


def test_stale_pid_and_socket_files_hinder_nothing(var: Path) -> None:
    with servers.running(var):
        pass
    account = accounts.server_account()
    with subprocess.Popen(["sleep", "60"], user=account.uid if account else None) as stranger:
        stale = f"{stranger.pid}\n{paths.postgres_data(var)}\n1\n5432\n\n\n\nready\n"
        (paths.postgres_data(var) / "postmaster.pid").write_text(stale)
        (paths.socket_dir(var) / f"{paths.POSTGRES_SOCKET}.lock").write_text(stale)
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(paths.valkey_socket(var)))
        with servers.running(var):
            assert stranger.poll() is None
        stranger.kill()


def test_an_interrupted_initdb_is_done_again(var: Path) -> None:
    draft = var / "postgres.draft"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    with servers.running(var), connect(var) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not draft.exists()


def test_data_of_another_version_is_refused(var: Path) -> None:
    data = paths.postgres_data(var)
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n")
    with pytest.raises(postgres.PostgresUnusable, match="PostgreSQL 16"):
        postgres.prepare(var)


def test_a_long_path_works(var: Path) -> None:
    deep = var / ("long" * 20) / ("longer" * 10)
    with servers.running(deep, throwaway=True), connect(deep) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    paths.socket_dir(deep).rmdir()


def test_no_card_number_reaches_the_log(var: Path) -> None:
    with servers.running(var):
        with connect(var) as connection:
            connection.execute("CREATE TABLE ledger (pan text UNIQUE, slot bigint)")
            for statement in (
                f"INSERT INTO ledger VALUES ('{PAN}', 1), ('{PAN}', 2)",
                f"INSERT INTO ledger VALUES ('1', 'x{PAN}')",
                f"SELECT '{PAN}' FROM nowhere",
            ):
                with pytest.raises(psycopg.Error):
                    connection.execute(statement)
            with pytest.raises(psycopg.Error):
                connection.execute("INSERT INTO ledger VALUES (%s, %s)", [PAN, f"x{PAN}"])
            with (
                pytest.raises(psycopg.Error),
                connection.cursor() as cursor,
                cursor.copy("COPY ledger FROM STDIN") as copy,
            ):
                copy.write(f"{PAN}\t1\n{PAN}\t2\n")
        postmaster(var).send_signal(signal.SIGHUP)
    assert PAN not in servers.log_file(var, servers.POSTGRES).read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_needs_no_root(var: Path) -> None:
    account = accounts.server_account()
    assert account is not None
    accounts.own(var, account)
    root = Path(__file__).parents[3]
    code = HOLD.replace("time.sleep(60)", "sys.exit(0)")
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, str(var)],
            cwd=root,
            check=False,
            user=account.uid,
            group=account.gid,
            extra_groups=[],
        )
    except PermissionError:
        pytest.skip("this Python or this folder is not readable by other users")
    assert done.returncode == 0


def test_the_lock_frees_itself_when_its_owner_is_killed(var: Path) -> None:
    owner = spawn_owner(var)
    assert ownership.acquire(var) is None
    found = ownership.owner(var)
    assert found is not None
    assert found["pid"] == owner.pid
    owner.kill()
    owner.wait()
    lock = ownership.acquire(var)
    assert lock is not None
    lock.release()
