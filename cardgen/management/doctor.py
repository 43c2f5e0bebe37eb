"""What is wrong with this installation, each with its remedy: `cardgen doctor` asks it.

It says what there is, never a secret: no address of a server, no key.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import replace

import psutil
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, connections

from cardgen.configuration.environment import asked
from cardgen.embedded import ownership
from cardgen.management import port, readiness
from cardgen.management.readiness import Finding
from cardgen.run import is_healthy
from cardgen.upgrade import settings_meant, unknown_settings
from generation.ranges import mintable
from jobs.models import Role
from jobs.watching import serving
from toolkit.refusals import UnsafeToGoOn
from toolkit.rights import administrators
from toolkit.wording import counted

_MOST_SECONDS = 2.0
"""By which two clocks may differ: leases last 30 s, webhooks' signatures a few minutes."""
_START = "start cardgen: make run"
_SERVER = f"{_START}; servers of your own: see their addresses in the settings"
REMEDIES = {
    "settings": "correct or remove it; docs/configuration.md lists all settings",
    "database": f"{_SERVER} (DATABASE_URL)",
    "owner of the tables": "set CARDGEN_OWNER_DATABASE_URL to the role that owns the tables",
    "master key": "put back the master key that the cards were made with (docs/backup.md)",
    "disk": "free some room, or delete old cards: cardgen purge_cards --older-than DAYS",
    "migrations": "cardgen migrate && cardgen load_catalogue",
    "broker": f"{_SERVER} (BROKER_URL)",
    "cache": f"{_SERVER} (CACHE_URL)",
    "channels": f"{_SERVER} (CHANNEL_URL)",
    "ledger": "docs/scaling.md, Citus",
    "clocks": "let both machines follow a time server (chrony, systemd-timesyncd)",
    "workers": f"{_START}; a service of your own: docs/deploying.md",
    "reconcilers": f"{_START}; a service of your own: docs/deploying.md",
    "web": _START,
    "port": "end that program, or choose another port: make run PORT=9000",
    "administrators": "cardgen createsuperuser",
    "ranges": "cardgen load_catalogue, then cardgen tiers",
}


def look() -> Iterator[Finding]:
    """Look at every part, one after another; what is not well has a remedy in its words."""
    for finding in _findings():
        remedy = "" if finding.is_well else f". Remedy: {REMEDIES[finding.name]}"
        yield replace(finding, told=finding.told + remedy)
    connections["owner"].close()


def _findings() -> Iterator[Finding]:
    yield readiness.answered("settings", _settings)
    yield from readiness.servers()
    for name, question in readiness.STATE.items():
        yield readiness.answered(name, question)
    yield readiness.answered("migrations", _migrations)
    questions = {
        "clocks": _clocks,
        "workers": lambda: _processes(Role.WORKER),
        "reconcilers": lambda: _processes(Role.RECONCILER),
        "web": _web,
        "port": _port,
        "administrators": _administrators,
        "ranges": _ranges,
    }
    for name, question in questions.items():
        yield readiness.answered(name, question)


def _settings() -> str:
    if unknown := unknown_settings():
        raise UnsafeToGoOn(f"{', '.join(unknown)}: no such setting.{settings_meant(unknown)}")
    given = counted(len(asked & os.environ.keys()), "is set", "are set")
    return f"{given}, VAR is {settings.VAR}"


def _migrations() -> str:
    if waiting := readiness.waiting_migrations():
        raise UnsafeToGoOn(f"{counted(len(waiting), 'migration')} to do")
    return "all done"


def _clocks() -> str:
    begun = time.time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        (there,) = cursor.fetchone()
    apart = abs(there - (begun + time.time()) / 2)
    if apart > _MOST_SECONDS:
        raise UnsafeToGoOn(f"this machine's and the database's are {apart:,.0f} s apart")
    return "agree"


def _processes(role: Role) -> str:
    if not (count := serving()[role]):
        raise UnsafeToGoOn("none was heard of in the last 30 seconds")
    return counted(count, "serves", "serve")


def _web() -> str:
    """Ask the one that `make run` of this VAR started; others are asked by who started them."""
    if not settings.EMBEDDED_DATABASE:
        return "not asked: servers of your own (docs/monitoring.md)"
    owner = ownership.owner(settings.VAR)
    if owner is None or not owner["url"]:
        raise UnsafeToGoOn("nothing serves this VAR")
    host, _, port = owner["url"].partition("://")[2].rpartition(":")
    if not is_healthy(host.strip("[]"), int(port)):
        raise UnsafeToGoOn(f"{owner['url']} does not answer well")
    return f"serves at {owner['url']}"


def _port() -> str:
    """Ask whether `make run` would get the port that it asks for first."""
    if not settings.EMBEDDED_DATABASE:
        return "not asked: servers of your own"
    owner = ownership.owner(settings.VAR)
    if owner and owner["url"] and psutil.pid_exists(owner["pid"]):
        return "not asked: cardgen runs already"
    if holder := port.holder():
        raise UnsafeToGoOn(f"{port.WISHED} is taken by {holder}: make run takes the next free one")
    return f"{port.WISHED} is free"


def _administrators() -> str:
    if not (count := administrators().count()):
        raise UnsafeToGoOn(f"none among {counted(User.objects.count(), 'user')}")
    return f"{count:,}"


def _ranges() -> str:
    if not (count := mintable().count()):
        raise UnsafeToGoOn("no range is on, so no card can be ordered")
    return f"{count:,} are on"
