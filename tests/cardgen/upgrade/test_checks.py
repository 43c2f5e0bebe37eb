"""`check_upgrade` says what stands in the way of the version of this code."""

import re

from django.conf import settings
from django.db import connection

from cardgen.configuration.environment import asked
from cardgen.upgrade import NOT_SETTINGS, Finding, State, look
from jobs import work
from jobs.models import Role, Worker
from tests.support.commands import run
from toolkit.version import VERSION


def found(about: str) -> list[tuple[State, str]]:
    return [(one.state, one.what) for one in look() if one.about == about]


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_an_installation_of_this_version_is_ready(db):
    work.beat(Role.WORKER)
    findings = [*look()]
    assert {one.state for one in findings} == {State.READY}
    assert Finding(State.READY, "workers", f"1 process of {VERSION}") in findings
    assert Finding(State.READY, "migrations", "none is waiting") in findings


def test_a_setting_that_is_gone_stops_and_is_named(db, monkeypatch):
    monkeypatch.setenv("CARDGEN_LEASES", "30")
    monkeypatch.setenv("CARDGEN_MASTER_KEY_FILE", "is known")
    monkeypatch.setenv("CARDGEN_API_KEY", "as the quickstart tells")
    ((state, what),) = found("settings")
    assert (state, what.split()[0]) == (State.STOP, "CARDGEN_LEASES")


def test_what_scripts_of_ours_read_is_known_too():
    files = [settings.BASE_DIR / "compose.yaml", *(settings.BASE_DIR / "deploy").rglob("*")]
    told = "".join(file.read_text() for file in files if file.is_file())
    names = {name.removesuffix("_FILE") for name in re.findall(r"CARDGEN_[A-Z_]+", told)}
    assert names - asked <= NOT_SETTINGS


def test_processes_of_other_versions_are_told(db):
    for name, version in (("a", "0.8.0"), ("b", "")):
        work.beat(Role.WORKER)
        Worker.objects.filter(version=VERSION).update(name=name, version=version)
    told = found("workers")
    assert [state for state, _ in told] == [State.LOOK] * 2
    assert ["0.8.0" in told[0][1], "before 0.9.0" in told[1][1]] == [True, True]


def test_workers_of_before_there_were_versions_are_seen_in_their_table(db):
    work.beat(Role.WORKER)
    execute("ALTER TABLE jobs_worker DROP COLUMN version")
    assert found("workers")[0][0] == State.LOOK


def test_migrations_to_come_and_those_of_newer_code_are_named(db):
    execute("DELETE FROM django_migrations WHERE name IN ('0007_stock', '0008_card_imports')")
    told = found("migrations")
    assert told[0] == (State.READY, "uniqueness.0007_stock is quick")
    execute("INSERT INTO django_migrations (app, name, applied) VALUES ('jobs', '9999_x', now())")
    assert found("migrations")[0][0] == State.STOP


def test_a_migration_that_holds_up_a_large_table_stops(db):
    execute("DELETE FROM django_migrations WHERE app = 'uniqueness' AND name >= '0004'")
    assert (State.READY, "uniqueness.0004_who_claimed is quick") in found("migrations")
    execute("UPDATE pg_class SET reltuples = 5e7 WHERE relname = 'uniqueness_exclusion'")
    states = [state for state, what in found("migrations") if "0004_who_claimed holds up" in what]
    assert states == [State.STOP]


def test_the_command_ends_with_1_if_something_must_be_done(db, monkeypatch):
    done = run("check_upgrade")
    assert (done.returncode, f"ready for {VERSION}" in done.stderr) == (0, True)
    monkeypatch.setenv("CARDGEN_SOMETHING", "1")
    assert run("check_upgrade", "--json").returncode == 1
