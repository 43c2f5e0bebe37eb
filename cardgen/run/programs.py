"""The programs of `make run`: their commands, their signals, their order."""

import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cardgen.embedded import servers
from cardgen.embedded.accounts import Account
from cardgen.embedded.processes import wrapped
from cardgen.logs import LISTENS
from cardgen.run.program import Program, Stage

# Every application process carries this, so that the next start finds those a killed one left.
MARK = "CARDGEN_SERVES_VAR"
_WEB_POOL, _LEAST_POOL = 10, 2  # database connections of a web process
_MOST_CONNECTIONS = 100  # of all of them; the embedded PostgreSQL has 200, for workers too
_SETTINGS = {"DJANGO_SETTINGS_MODULE": "cardgen.settings"}
# Whoever starts `make run` as root knows; Celery would say it in five lines at each start.
_ROOT_IS_MEANT = "ignore:You're running the worker with superuser privileges"
_SERVER = "cardgen"  # the Server header: which program it is helps attackers alone


def database(var: Path) -> Program:
    """PostgreSQL: SIGINT means roll back, checkpoint, end; the checkpoint may take a while."""
    return Program(
        name=servers.POSTGRES.name,
        command=servers.POSTGRES.command(var),
        stage=Stage.DATABASE,
        stop_signal=signal.SIGINT,
        patience=120.0,
    )


def broker(var: Path) -> Program:
    """Valkey."""
    return Program(
        name=servers.VALKEY.name, command=servers.VALKEY.command(var), stage=Stage.BROKER
    )


def applications(
    var: Path,
    *,
    listen: Sequence[str],
    processes: int = 1,
    pool: int = 0,
    metrics: bool = False,
    account: Account | None = None,
) -> list[Program]:
    """The web server, the worker, the clock and the reconciler, and who answers Prometheus.

    :param listen: where the web server listens, in Daphne's words
    :param processes: of the web server
    :param pool: database connections of all web processes; 0 for the usual number
    :param metrics: whether Prometheus is answered
    :param account: who they run as; None: ourselves
    """
    quiet = ["celery", "--quiet", "-A", "cardgen.celery"]
    worker = [*quiet, "worker", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
    beat = [*quiet, "beat", "--loglevel", "WARNING", "--pidfile="]
    reconciler = ["django", "reconcile"]
    found = [
        _web(var, listen=listen, processes=processes, pool=pool),
        # SIGTERM lets running tasks end; chunks are short, and a killed one is only repeated.
        _application("worker", worker, var, patience=7.0),
        _application("beat", beat, var),
        _application("reconciler", reconciler, var, patience=7.0),
    ]
    if metrics:
        found.append(_application("metrics", ["django", "serve_metrics"], var))
    return [_as(account, program) for program in found]


def _as(account: Account | None, program: Program) -> Program:
    command = wrapped(program.command, dies_by=signal.SIGTERM, account=account)
    return replace(program, command=command)


def _web(var: Path, *, listen: Sequence[str], processes: int, pool: int) -> Program:
    daphne = ["daphne", "-v", "0", "--server-name", _SERVER, *listen, "cardgen.asgi:application"]
    pooled = {"CARDGEN_DATABASE_POOL": str(pool_of_each(pool, processes))}
    # It answers what is in hand for 10 s (cardgen.server.ending).
    one = _application("web", daphne, var, patience=15.0, environment=pooled)
    return replace(one, processes=processes, inherits="--fd" in listen, sign=LISTENS)


def pool_of_each(pool: int, processes: int) -> int:
    """Share the database connections out among the web processes.

    :param pool: all of them; 0 for the usual number
    """
    together = pool or min(processes * _WEB_POOL, _MOST_CONNECTIONS)
    return max(together // processes, _LEAST_POOL)


def _application(
    name: str,
    module: list[str],
    var: Path,
    *,
    patience: float = 5.0,
    environment: dict[str, str] | None = None,
) -> Program:
    return Program(
        name=name,
        command=[sys.executable, "-W", _ROOT_IS_MEANT, "-m", *module],
        stage=Stage.APPLICATION,
        patience=patience,
        environment={**_SETTINGS, MARK: str(var), "CARDGEN_VAR": str(var), **(environment or {})},
    )


def first_job(var: Path, *, count: int, out: Path, account: Account | None = None) -> Program:
    """The sample job, with its progress bar; the file of a start that was cut off is replaced."""
    words = ["generate_cards", "--scheme", "visa", "--count", str(count), "--label", "first job"]
    command = [sys.executable, "-m", "cardgen", *words, "--out", str(out), "--force"]
    job = Program(
        name="first-job",
        command=command,
        stage=Stage.APPLICATION,
        environment={MARK: str(var), "CARDGEN_VAR": str(var)},
        once=True,
    )
    return _as(account, job)
