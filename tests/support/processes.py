"""Real Daphne and Celery processes against the test database."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from django.conf import settings
from django.db import connection

from cardgen.embedded import paths
from cardgen.logs import LISTENS
from tests.support.ports import free_port
from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0  # seconds; only a test that fails takes so long
# Of a process for all tests of a file: the cache server alone remembers numbers, and is emptied.
OUTLIVES_TESTS = {"CARDGEN_CACHE_LOCAL": "0"}


def environment(**changes: str) -> dict[str, str]:
    """Point a process of ours at the database, the keys and the Valkey of this test session."""
    own = {
        "DATABASE_URL": _test_database_url(),
        "CARDGEN_SECRET_KEY": settings.SECRET_KEY,
        "CARDGEN_MASTER_KEY": settings.CARDGEN_MASTER_KEY.hex(),
        "CARDGEN_VAR": str(settings.VAR),
        "CARDGEN_ALLOWED_HOSTS": "127.0.0.1",
        "DJANGO_SETTINGS_MODULE": "cardgen.settings",
    }
    return os.environ | own | changes


@contextmanager
def web(log: Path, *options: str, **changes: str) -> Iterator[str]:
    """Have Daphne serve on a free port; gives its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = ["daphne", "-v", "0", "-b", "127.0.0.1", "-p", str(port), *options]
    command.append("cardgen.asgi:application")
    with _process(command, log, **{"CARDGEN_DATABASE_POOL": "6"} | changes) as child:
        _await(lambda: _answers(f"{address}/health/live"), child, log)
        yield address


@contextmanager
def web_at(path: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Have Daphne serve on a Unix socket."""
    command = ["daphne", "-v", "0", "-u", str(path), "cardgen.asgi:application"]
    with _process(command, log) as child:
        _await(path.exists, child, log)
        yield child


@contextmanager
def web_over_tls(certificate: Path, log: Path, **changes: str) -> Iterator[int]:
    """Have Daphne speak TLS by itself on a free port, which is given; its key lies beside."""
    port, key = free_port(), certificate.with_name("key.pem")
    endpoint = f"ssl:{port}:interface=127.0.0.1:certKey={certificate}:privateKey={key}"
    command = ["daphne", "-v", "0", "-e", endpoint, "cardgen.asgi:application"]
    with _process(command, log, **changes) as child:
        _await(lambda: LISTENS in log.read_text(), child, log)
        yield port


@dataclass(frozen=True)
class Webs:
    """Web processes behind one socket, which stays open whatever becomes of them."""

    port: int
    children: list[subprocess.Popen[bytes]]
    start: Callable[[], subprocess.Popen[bytes]]
    """Starts one more, and waits until it takes connections."""

    def connection(self) -> http.client.HTTPConnection:
        """Return a connection that is opened by its first request."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)


@contextmanager
def webs(log: Path, count: int, **changes: str) -> Iterator[Webs]:
    """Have several Daphnes serve on one port, as `make run` does."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=1024))
        command = ["daphne", "-v", "0", "--fd", str(listener.fileno()), "cardgen.asgi:application"]
        pooled = {"CARDGEN_DATABASE_POOL": "3"} | changes

        def start() -> subprocess.Popen[bytes]:
            signs = log.read_text().count(LISTENS) if log.exists() else 0
            child = stack.enter_context(_process(command, log, listener, **pooled))
            _await(lambda: log.read_text().count(LISTENS) > signs, child, log)
            return child

        yield Webs(listener.getsockname()[1], [start() for _ in range(count)], start)


def end(child: subprocess.Popen[bytes]) -> None:
    """Tell a web process to end, and wait until it takes no more connections."""
    child.send_signal(signal.SIGTERM)
    wait_until(lambda: not _listens(child.pid))


def _listens(pid: int) -> bool:
    with suppress(psutil.Error):
        found = psutil.Process(pid).net_connections("tcp")
        return any(one.status == psutil.CONN_LISTEN for one in found)
    return False


@contextmanager
def worker(log: Path, **changes: str) -> Iterator[subprocess.Popen[bytes]]:
    """Have a Celery worker with one process; it is ready when the first bell is answered."""
    quiet = ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--concurrency", "1"]
    with _process(["celery", "-A", "cardgen.celery", "worker", *quiet], log, **changes) as child:
        yield child


@contextmanager
def reconciler(log: Path, **changes: str) -> Iterator[subprocess.Popen[bytes]]:
    """Have the reconciler's own process."""
    with _process(["django", "reconcile"], log, **changes) as child:
        yield child


@contextmanager
def exporter(log: Path, **changes: str) -> Iterator[str]:
    """Have `manage.py serve_metrics` answer on a free port; gives its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}/metrics"
    own = {"CARDGEN_METRICS": f"127.0.0.1:{port}"}
    with _process(["django", "serve_metrics"], log, **own, **changes) as child:
        _await(lambda: _answers(address), child, log)
        yield address


@contextmanager
def _process(
    command: list[str], log: Path, *inherited: socket.socket, **changes: str
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=environment(**changes),
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=[one.fileno() for one in inherited],
        )
    try:
        yield child
    finally:
        _stop(child)


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.send_signal(signal.SIGTERM)
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)  # the session we gave it: the worker's children too
        child.wait(10)


def _await(condition: Callable[[], bool], child: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and child.poll() is None:
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError(f"not ready after {PATIENCE} s:\n{log.read_text()[-2000:]}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _test_database_url() -> str:
    """The address in the settings, with the name that pytest-django gave the test database."""
    name = str(connection.settings_dict["NAME"])
    given = os.environ.get("DATABASE_URL")
    if given is None:
        return paths.database_url(settings.VAR, name)
    before, _, after = given.partition("?")
    return f"{before.rsplit('/', 1)[0]}/{name}{'?' + after if after else ''}"
