"""From an empty folder to a served dashboard: the steps of `make run`, in order.

Lock, servers, migrations, catalogue, administrator, applications, health, first job; then it serves
until it is told to end. The second start finds most of it done.
"""

import asyncio
import logging
import signal
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.db import DatabaseError

from cardgen.embedded import ownership, postgres, valkey
from cardgen.embedded.accounts import AccountUnusable
from cardgen.run import credentials
from cardgen.run.console import Console
from cardgen.run.door import listen
from cardgen.run.renewal import Renewal
from cardgen.run.steps import Start, bring_up
from cardgen.run.supervisor import Supervisor
from toolkit.exit_codes import ExitCode

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


def serve(*, var: Path, port: int, first_job: int) -> int:
    """Serve VAR until interrupted; return the exit code (0 ended, 1 could not start).

    :param port: wished; the next free one is taken if somebody has it
    :param first_job: cards of the sample job of a first start, 0 for none
    """
    console = Console(sys.stderr, as_json=settings.CARDGEN_LOG_FORMAT == "JSON")
    lock = ownership.acquire(var)
    if lock is None:
        _say_who_runs(var, console)
        return ExitCode.DONE
    with lock, listen(port, console) as listener:
        start = Start(var, listener, first_job, console)
        lock.describe(url=start.url)
        return asyncio.run(_session(start))


def _say_who_runs(var: Path, console: Console) -> None:
    owner = ownership.owner(var)
    if owner is None or not owner["url"]:
        console.say(f"Another cardgen process uses {var} right now: try again, or choose VAR=…")
        return
    console.say(f"cardgen already runs at {owner['url']} (pid {owner['pid']}); nothing to do.")


async def _session(start: Start) -> int:
    """Bring everything up, serve until a signal, stop everything in order."""
    told = _listen_for_signals()
    supervisor = Supervisor(var=start.var, folder=settings.BASE_DIR, console=start.console)
    renewal = Renewal(supervisor, start.console)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, renewal.begin)
    work = asyncio.create_task(bring_up(start, supervisor))
    try:
        first: set[asyncio.Future[Any]] = {work, told}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if not told.done() and not _failed(work, start.console):
            await told
    finally:
        await renewal.end()
        await _stop(start, supervisor, work)
    return ExitCode.DONE if told.done() else ExitCode.FAILED


def _listen_for_signals() -> asyncio.Future[None]:
    loop = asyncio.get_running_loop()
    told: asyncio.Future[None] = loop.create_future()

    def tell() -> None:
        if not told.done():
            told.set_result(None)

    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, tell)
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
        rows = credentials.told(start.credentials, start.console, var=start.var)
        start.console.box("The administrator was made", rows)
    start.listener.close()  # who comes now is refused at once, not kept waiting for nobody
    with start.console.step("stopped"):
        await supervisor.stop()
