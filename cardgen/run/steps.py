"""The steps of a start: servers, migrations, programs, health, the first job, the announcement."""

import asyncio
import contextlib
import http.client
import io
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar, cast

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from cardgen.access.first import (
    FirstCredentials,
    ensure_administrator,
    ensure_bootstrap_key,
)
from cardgen.embedded import paths, postgres, processes, servers, valkey
from cardgen.embedded.accounts import Account
from cardgen.run import programs
from cardgen.run.account import application_account
from cardgen.run.console import Console
from cardgen.run.credentials import told
from cardgen.run.door import reached_at
from cardgen.run.supervisor import Supervisor, describe
from toolkit.wording import counted

_HEALTH_PATIENCE = 120.0


_HOPELESS = 4  # deaths in a minute: what will not start is said, not awaited


_LEFT_OVER_STEPS = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))


Result = TypeVar("Result")


class NotServing(OSError):
    """The web application never became ready."""


@dataclass
class Start:
    """One start: what was asked, and what is learnt on the way."""

    var: Path
    listener: socket.socket
    first_job: int
    console: Console
    account: Account | None = None
    credentials: FirstCredentials | None = None
    sample: Path | None = None

    @property
    def reached_at(self) -> tuple[str, int]:
        """Address and port by which this machine reaches it; the next free one if one was taken."""
        return reached_at(self.listener)

    @property
    def url(self) -> str:
        """The dashboard's address."""
        host, port = self.reached_at
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def bring_up(start: Start, supervisor: Supervisor) -> None:
    say = start.console
    say.say(f"cardgen starts in {start.var}\n")
    await _start_servers(start, supervisor)
    with say.step("migrations"):
        await _in_thread(lambda: call_command("migrate", verbosity=0, interactive=False))
        await _in_thread(_check_database)
    with say.step("catalogue of schemes, ranges and published cards"):
        await _in_thread(lambda: call_command("load_catalogue", verbosity=0, stdout=sys.stderr))
    with say.step("administrator"):
        await _in_thread(ensure_bootstrap_key)
        make = partial(ensure_administrator, written_down=not say.is_terminal)
        start.credentials = await _in_thread(make)
    await _start_applications(start, supervisor)
    if start.first_job:
        await _first_job(start, supervisor)
    _announce(start)


def _check_database() -> None:
    """Warn of what the database server is told; that all is well needs no line."""
    call_command("check", tags=["database"], databases=["default"], stdout=io.StringIO())


async def _start_servers(start: Start, supervisor: Supervisor) -> None:
    """Start those servers that no URL replaces; each is prepared before the next one starts."""
    var = start.var
    with start.console.step("leftovers of an earlier run"):
        await asyncio.to_thread(_end_leftovers, var)
        choose = partial(application_account, warn=start.console.say)
        start.account = await asyncio.to_thread(choose, var)
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
            start.var,
            listen=["--fd", str(start.listener.fileno())],
            processes=settings.CARDGEN_WEB_PROCESSES,
            pool=settings.DATABASE_POOL,
            metrics=settings.CARDGEN_METRICS is not None,
            account=start.account,
        ):
            await supervisor.start(program)
        await _wait_healthy(start.reached_at, supervisor)


async def _wait_healthy(place: tuple[str, int], supervisor: Supervisor) -> None:
    """Wait until every web process takes connections, then until one says that all is well.

    Nobody can ask a certain process: they share the port. What is asked, the database and the
    other servers, is the same for all.
    """
    deadline = time.monotonic() + _HEALTH_PATIENCE
    wanted = settings.CARDGEN_WEB_PROCESSES
    while len(supervisor.serving("web")) < wanted or not await asyncio.to_thread(
        is_healthy, *place
    ):
        if supervisor.deaths("web") >= _HOPELESS or time.monotonic() > deadline:
            raise NotServing(f"GET /health/ready on port {place[1]} does not answer 200: see above")
        await asyncio.sleep(0.1)


def is_healthy(host: str, port: int) -> bool:
    """Ask the web process whether it is ready to serve."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
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
        start.var,
        count=start.first_job,
        out=out,
        account=start.account,
    )
    with start.console.step(f"first job: {counted(start.first_job, 'Visa card')}", live=False):
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
    rows = [("dashboard", start.url), *told(start.credentials, start.console, var=start.var)]
    if not (settings.HTTPS or ip_address(settings.CARDGEN_BIND).is_loopback):
        rows.append(("network", f"{settings.CARDGEN_BIND}, open to others without TLS"))
    if start.sample:
        cards = counted(_lines(start.sample), "card")
        rows.append(("first job", f"{_short(start.sample)} ({cards})"))
    rows.append(("stop", "Ctrl-C"))
    start.console.box("cardgen is ready", rows)
    start.credentials = None
    sys.stdout.write(f"cardgen ready at {start.url}\n")
    sys.stdout.flush()


def _short(path: Path) -> str:
    with contextlib.suppress(ValueError):
        return str(path.relative_to(Path.cwd()))
    return str(path)


def _lines(path: Path) -> int:
    """Count the cards in the file: its lines but the header."""
    with path.open("rb") as file:
        return max(sum(1 for _ in file) - 1, 0)
