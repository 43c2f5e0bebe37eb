"""From an empty folder to a served dashboard: the steps of `make run`, in order.

Lock, servers, migrations, catalogue, administrator, applications, health, first job; then it serves
until it is told to end. The second start finds most of it done.
"""

import asyncio
import contextlib
import http.client
import logging
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections

from cardgen import programs
from cardgen.access.services import FirstCredentials, ensure_administrator
from cardgen.console import Console
from cardgen.embedded import ownership, paths, postgres, processes, servers, valkey
from cardgen.embedded.accounts import AccountUnusable
from cardgen.supervisor import Supervisor, describe

_HOST = "127.0.0.1"
_PORTS_TRIED = 100
_HEALTH_PATIENCE = 120.0
_HOPELESS = 4  # deaths in a minute: what will not start is said, not awaited
_LEFT_OVER_STEPS = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_EXPECTED = (
    postgres.PostgresUnusable,
    valkey.ValkeyUnusable,
    AccountUnusable,
    CommandError,
    DatabaseError,
    OSError,
)
logger = logging.getLogger(__name__)
Result = TypeVar("Result")


class NotServing(OSError):
    """The web application never became ready."""


@dataclass
class Start:
    """One start: what was asked, and what is learnt on the way."""

    var: Path
    port: int
    first_job: int
    console: Console
    credentials: FirstCredentials | None = None
    sample: Path | None = None

    @property
    def url(self) -> str:
        """The dashboard's address."""
        return f"http://{_HOST}:{self.port}"


def serve(*, var: Path, port: int, first_job: int) -> int:
    """Serve VAR until interrupted; return the exit code (0 ended, 1 could not start, 130 Ctrl-C).

    :param port: wished; the next free one is taken if somebody has it
    :param first_job: cards of the sample job of a first start, 0 for none
    """
    console = Console(sys.stderr)
    lock = ownership.acquire(var)
    if lock is None:
        _say_who_runs(var, console)
        return 0
    with lock:
        start = Start(var, free_port(port, console), first_job, console)
        lock.describe(url=start.url)
        return asyncio.run(_session(start))


def _say_who_runs(var: Path, console: Console) -> None:
    owner = ownership.owner(var)
    if owner is None or not owner["url"]:
        console.say(f"Another cardgen process uses {var} right now: try again, or choose VAR=…")
        return
    console.say(f"cardgen already runs at {owner['url']} (pid {owner['pid']}); nothing to do.")


def free_port(wished: int, console: Console) -> int:
    """Return the wished port or the next free one, and say so.

    :raises OSError: if a hundred in a row are taken
    """
    for port in range(wished, min(wished + _PORTS_TRIED, 65536)):
        if _is_free(port):
            if port != wished:
                console.say(f"Port {wished} is taken by another program: using {port}.")
            return port
    raise OSError(f"no free port from {wished} on: choose another with PORT=…")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True


async def _session(start: Start) -> int:
    """Bring everything up, serve until a signal, stop everything in order."""
    told = _listen_for_signals()
    supervisor = Supervisor(var=start.var, folder=settings.BASE_DIR, console=start.console)
    work = asyncio.create_task(_bring_up(start, supervisor))
    try:
        first: set[asyncio.Future[Any]] = {work, told}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if not told.done() and not _failed(work, start.console):
            await told
    finally:
        await _stop(start, supervisor, work)
    if not told.done():
        return 1
    return 130 if told.result() == signal.SIGINT else 0


def _listen_for_signals() -> asyncio.Future[signal.Signals]:
    loop = asyncio.get_running_loop()
    told: asyncio.Future[signal.Signals] = loop.create_future()

    def tell(number: signal.Signals) -> None:
        if not told.done():
            told.set_result(number)

    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, tell, number)
    return told


def _failed(work: asyncio.Task[None], console: Console) -> bool:
    error = work.exception()
    if error is None:
        return False
    if not isinstance(error, _EXPECTED):
        logger.error("cardgen could not start", exc_info=error)
    console.say(f"\ncardgen could not start: {error or type(error).__name__}")
    return True


async def _stop(start: Start, supervisor: Supervisor, work: asyncio.Task[None]) -> None:
    work.cancel()
    await asyncio.wait({work})
    if start.credentials:  # made but never shown: they exist nowhere else
        start.console.box("The administrator was made", _credential_rows(start))
    with start.console.step("stopped"):
        await supervisor.stop()


async def _bring_up(start: Start, supervisor: Supervisor) -> None:
    say = start.console
    say.say(f"cardgen starts in {start.var}\n")
    await _start_servers(start, supervisor)
    with say.step("migrations"):
        await _in_thread(lambda: call_command("migrate", verbosity=0, interactive=False))
    with say.step("catalogue of schemes, ranges and published cards"):
        await _in_thread(lambda: call_command("load_catalogue", verbosity=0, stdout=sys.stderr))
    with say.step("administrator"):
        start.credentials = await _in_thread(ensure_administrator)
    await _start_applications(start, supervisor)
    if start.first_job:
        await _first_job(start, supervisor)
    _announce(start)


async def _start_servers(start: Start, supervisor: Supervisor) -> None:
    """Start those servers that no URL replaces; each is prepared before the next one starts."""
    var = start.var
    with start.console.step("leftovers of an earlier run"):
        await asyncio.to_thread(_end_leftovers, var)
        await asyncio.to_thread(valkey.prepare, var)  # makes the folder of the control sockets
        await supervisor.open()
    if uses_postgres():
        with start.console.step(f"PostgreSQL {postgres.VERSION}"):
            await asyncio.to_thread(servers.POSTGRES.prepare, var)
            await supervisor.start(programs.database(var))
            await _ready(servers.POSTGRES, start, supervisor)
            await asyncio.to_thread(postgres.create_database, var)
    if uses_valkey():
        with start.console.step("Valkey"):
            await asyncio.to_thread(servers.VALKEY.prepare, var)
            await supervisor.start(programs.broker(var))
            await _ready(servers.VALKEY, start, supervisor)


def uses_postgres() -> bool:
    """Tell whether the database is the embedded one."""
    return bool(settings.EMBEDDED_DATABASE)


def uses_valkey() -> bool:
    """Tell whether the broker, the cache or the channel layer is the embedded one."""
    var, layer = settings.VAR, cast("dict[str, Any]", settings.CHANNEL_LAYERS["default"])
    return (
        paths.broker_url(var) == settings.CELERY_BROKER_URL
        or paths.cache_url(var) == settings.CACHE_URL
        or paths.channel_url(var) == layer["CONFIG"]["hosts"][0]["address"]
    )


def _end_leftovers(var: Path) -> None:
    processes.end(processes.marked(programs.MARK, str(var)), _LEFT_OVER_STEPS)
    shutil.rmtree(settings.CARDGEN_SPOOL, ignore_errors=True)


async def _ready(server: servers.Server, start: Start, supervisor: Supervisor) -> None:
    def alive() -> bool:
        return not supervisor.stopping and supervisor.deaths(server.name) < _HOPELESS

    await asyncio.to_thread(server.module.wait_ready, start.var, alive=alive, say=start.console.say)


async def _in_thread(work: Callable[[], Result]) -> Result:
    """Do blocking Django work beside the event loop, which goes on writing log lines."""

    def guarded() -> Result:
        try:
            return work()
        finally:
            connections.close_all()  # this thread's own

    return await asyncio.to_thread(guarded)


async def _start_applications(start: Start, supervisor: Supervisor) -> None:
    with start.console.step("web, worker, beat and reconciler"):
        for program in programs.applications(
            start.var, port=start.port, pool=settings.DATABASE_POOL
        ):
            await supervisor.start(program)
        await _wait_healthy(start.port, supervisor)


async def _wait_healthy(port: int, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + _HEALTH_PATIENCE
    while not await asyncio.to_thread(is_healthy, port):
        if supervisor.deaths("web") >= _HOPELESS or time.monotonic() > deadline:
            raise NotServing(f"GET /health/ready on port {port} does not answer 200: see above")
        await asyncio.sleep(0.1)


def is_healthy(port: int) -> bool:
    """Ask the web process whether it is ready to serve."""
    connection = http.client.HTTPConnection(_HOST, port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


async def _first_job(start: Start, supervisor: Supervisor) -> None:
    """Mint the sample once per VAR; a failure is said, and tried again at the next start."""
    out, done = start.var / "first-job.csv", start.var / "first-job.done"
    if done.exists():
        return
    job = programs.first_job(
        start.var, manage=settings.BASE_DIR / "manage.py", count=start.first_job, out=out
    )
    with start.console.step(f"first job: {start.first_job:,} Visa cards", live=False):
        await supervisor.start(job)
        code = await supervisor.finished(job.name)
    # The file appears under its name once it is whole: it tells where the code is unknown.
    if code or (code is None and not out.exists()):
        start.console.say(f"The first job failed ({describe(code)}); cardgen serves all the same.")
        return
    done.touch()
    start.sample = out


def _announce(start: Start) -> None:
    """Show the summary, then the one line on standard output that scripts wait for."""
    rows = [("dashboard", start.url), *_credential_rows(start)]
    if start.sample:
        rows.append(("first job", f"{_short(start.sample)} ({_lines(start.sample):,} cards)"))
    rows.append(("stop", "Ctrl-C"))
    start.console.box("cardgen is ready", rows)
    start.credentials = None
    sys.stdout.write(f"cardgen ready at {start.url}\n")
    sys.stdout.flush()


def _credential_rows(start: Start) -> list[tuple[str, str]]:
    made = start.credentials
    if made is None:
        return []
    return [
        ("user", made.username),
        ("password", f"{made.password}   shown once; another: manage.py changepassword"),
        ("API key", f"{made.api_key}   shown once; another: manage.py create_api_key"),
    ]


def _short(path: Path) -> str:
    with contextlib.suppress(ValueError):
        return str(path.relative_to(Path.cwd()))
    return str(path)


def _lines(path: Path) -> int:
    """Count the cards in the file: its lines but the header."""
    with path.open("rb") as file:
        return max(sum(1 for _ in file) - 1, 0)
