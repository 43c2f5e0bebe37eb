"""Before a version takes over: each part is looked at, and named if it is not well."""

import pytest
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import AddField, RemoveField, RenameModel
from django.db.migrations.recorder import MigrationRecorder

from cardgen.http import parts
from generation.models import IssuerRange
from tests.support.commands import run

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
NOWHERE = "redis://127.0.0.1:1/0"
PARTS = (
    "broker cache channels settings database owner_of_the_tables master_key disk ledger migrations"
)


def lines(text: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in text.splitlines())


@pytest.fixture(autouse=True)
def over_tls(settings):
    """As behind a proxy that speaks TLS."""
    settings.SECURE_HSTS_SECONDS = 3_600
    for name in ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"):
        setattr(settings, name, True)


@pytest.fixture
def waiting(monkeypatch):
    """Have one migration wait, with these operations."""

    def wait(*operations: object) -> None:
        kind = type("Later", (Migration,), {"operations": list(operations)})
        plan = [(kind("0099_later", "jobs"), False)]
        monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: plan)

    return wait


def test_every_part_is_looked_at(catalogue):
    done = run("preflight")
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(lines(done.stdout)) == [part.replace("_", " ") for part in PARTS.split()]
    assert lines(done.stdout)["migrations"] == "all done"


def test_another_master_key_is_not_well(catalogue, settings):
    IssuerRange.objects.update(key_check_value="000000")
    done = run("preflight")
    assert (done.returncode, done.stderr) == (1, "cardgen: not well: master key\n")
    assert settings.CARDGEN_MASTER_KEY.hex() not in done.stdout


def test_a_server_that_is_away_is_named_and_the_others_are_looked_at(settings, monkeypatch):
    layer = {"CONFIG": {"hosts": [{"address": NOWHERE}]}}
    monkeypatch.setitem(settings.CHANNEL_LAYERS, "default", layer)
    monkeypatch.setattr(parts, "_channel_server", parts._channel_server.__wrapped__)
    done = run("preflight")
    assert (done.returncode, done.stderr) == (1, "cardgen: not well: channels\n")
    assert len(lines(done.stdout)) == len(PARTS.split())


def test_settings_that_are_not_safe_are_not_well(settings):
    settings.SESSION_COOKIE_SECURE = False
    done = run("preflight")
    assert done.stderr == "cardgen: not well: settings\n"
    assert "security.W012" in lines(done.stdout)["settings"]


def test_a_disk_that_is_nearly_full_is_not_well(settings):
    settings.CARDGEN_DISK_RESERVE_MB = 10**9
    assert run("preflight").stderr == "cardgen: not well: disk\n"


def test_a_migration_that_only_adds_may_wait(waiting):
    waiting(AddField("job", "later", None))
    assert lines(run("preflight").stdout)["migrations"] == "1 migration to do"


@pytest.mark.parametrize("taking", [RemoveField("job", "count"), RenameModel("Job", "Order")])
def test_one_that_takes_away_what_is_read_now_must_be_asked_for(waiting, taking):
    waiting(taking)
    done = run("preflight")
    assert (done.returncode, done.stderr) == (1, "cardgen: not well: migrations\n")
    assert "jobs.0099_later" in lines(done.stdout)["migrations"]


def test_one_that_is_asked_for_may_take_away(waiting):
    waiting(RemoveField("job", "count"))
    assert run("preflight", "--contract").returncode == 0


def test_in_a_new_database_nobody_reads_it(waiting, monkeypatch):
    waiting(RemoveField("job", "count"))
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda _: {})
    assert run("preflight").returncode == 0
