"""What is looked at before an upgrade."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection

from cardgen.configuration.environment import asked
from cardgen.upgrade.migrations import Step, steps, strangers
from toolkit.near import meant_by
from toolkit.version import VERSION
from toolkit.wording import counted

_MANY = 1_000_000
_LIKE_A_SETTING = 0.85
"""All begin with CARDGEN_, which alone makes them alike."""
"""Rows from which a migration that holds a table up takes seconds."""

_TESTED = 18
_ALIVE = """
    SELECT coalesce(nullif(to_jsonb(w) ->> 'version', ''), 'before 0.9.0'), count(*)
    FROM jobs_worker w WHERE seen_at > clock_timestamp() - interval '30 seconds' GROUP BY 1
"""
NOT_SETTINGS = frozenset({
    *("CARDGEN_ADDRESS", "CARDGEN_API_KEY", "CARDGEN_BACKUPS", "CARDGEN_CONFIG", "CARDGEN_HOST"),
    *("CARDGEN_IMAGE", "CARDGEN_ROOT", "CARDGEN_SYSTEMCTL", "CARDGEN_USER"),
})  # fmt: skip
"""Names that compose.yaml, the scripts of deploy/ and, as every page tells them, callers read."""


class State(StrEnum):
    """What a finding asks for."""

    READY = "ready"
    LOOK = "look"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, in words."""

    state: State
    about: str
    what: str


def look() -> Iterator[Finding]:
    """Look at everything, the settings first.

    :raises OperationalError: if the database does not answer
    """
    yield from _settings()
    yield from _server()
    yield from _migrations()
    yield from _workers()


def unknown_settings() -> list[str]:
    """Name what is set and nothing reads."""
    known = asked | {f"{name}_FILE" for name in asked} | NOT_SETTINGS
    return sorted(name for name in os.environ.keys() - known if name.startswith("CARDGEN_"))


def settings_meant(names: Iterable[str]) -> str:
    """Ask whether settings are meant that are spelled much like these."""
    return meant_by(names, asked, likeness=_LIKE_A_SETTING)


def _settings() -> Iterator[Finding]:
    unknown = unknown_settings()
    for name in unknown:
        what = f"{name} is no setting of {VERSION}: it was renamed, removed or mistyped"
        what += f".{settings_meant([name])}"
        yield Finding(State.STOP, "settings", what)
    if not unknown:
        yield Finding(State.READY, "settings", "all that are set are known")


def _server() -> Iterator[Finding]:
    least = connection.features.minimum_database_version or (0,)
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
    major = int(version.partition(".")[0])
    state = State.STOP if major < least[0] else State.READY if major >= _TESTED else State.LOOK
    yield Finding(state, "PostgreSQL", f"{version}; {least[0]} is needed, {_TESTED} is tested")


def _migrations() -> Iterator[Finding]:
    for name in strangers():
        what = f"{name} was carried out by newer code: this version does not fit the tables"
        yield Finding(State.STOP, "migrations", what)
    waiting = list(steps())
    for step in waiting:
        yield _migration(step)
    if not waiting:
        yield Finding(State.READY, "migrations", "none is waiting")


def _migration(step: Step) -> Finding:
    slow = [one for one in step.holds_up if one[1] >= _MANY]
    if slow:
        table, rows, why = slow[0]
        what = f"{step.name} holds up {table} (about {rows:,} rows): {why}"
        return Finding(State.STOP, "migrations", what)
    if step.code:
        return Finding(State.LOOK, "migrations", f"{step.name} runs code: see docs/upgrading.md")
    return Finding(State.READY, "migrations", f"{step.name} is quick")


def _workers() -> Iterator[Finding]:
    if "jobs_worker" not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        cursor.execute(_ALIVE)
        rows = cursor.fetchall()
    for version, count in sorted(rows):
        state = State.READY if version == VERSION else State.LOOK
        what = f"{counted(count, 'process', 'processes')} of {version}"
        hint = "" if state == State.READY else ": start anew after `migrate`"
        yield Finding(state, "workers", what + hint)
    if not rows:
        yield Finding(State.READY, "workers", "none is running")
