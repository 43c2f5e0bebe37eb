"""Alerts, capacity, disasters: every command of these pages is given, with a job that failed."""

import re
import shlex
import subprocess

import pytest
from django.conf import settings
from django.db import connection

from cardgen.embedded import postgres
from jobs import upkeep, work
from jobs.models import Job
from tests.support.commands import environment, run
from tests.support.fixtures import silent
from tests.support.pages import text_of
from tests.support.refusing import break_ledger, mend_ledger
from tests.support.webhooks import register
from tests.support.work import mint_one_chunk
from uniqueness.pool import recording

PAGES = ("alerts.md", "capacity.md", "disaster.md")
SPANS = dict.fromkeys(span for page in PAGES for span in re.findall(r"`([^`\n]+)`", text_of(page)))
NO_COMMANDS = {
    "docker compose exec web python manage.py",
    "incident ID",
    "job … stopped",
    "will be retried",
}
ELSEWHERE = {
    "source .venv/bin/activate": ("docs/quickstart.md", "\nsource .venv/bin/activate"),
    "cardgen reconcile": ("tests/support/processes.py", "reconcile"),
    "cardgen doctor": ("tests/cardgen/management/test_doctor.py", "doctor"),
    "cardgen backup FOLDER --verify": ("tests/cardgen/backup/test_backup.py", "verify=True"),
    "cardgen restore BACKUP --recorded FOLDER": (
        "tests/cardgen/backup/test_killed_restore.py",
        "--recorded",
    ),
    "curl -s http://HOST:9464/metrics | head": (
        "tests/cardgen/metrics/test_metrics.py",
        "exporter",
    ),
    "python -m chaos --scenario R11": ("tests/chaos/test_scenarios.py", '_TOO_LONG = {"R10"}'),
    "make chaos": ("tests/chaos/test_command.py", "chaos"),
    "SELECT pg_promote()": ("chaos/scenarios/promotions.py", "SELECT pg_promote("),
}
"""What does not end, or needs servers of its own: where it is given, and what is seen there."""
PROGRAMS = ("cardgen", "psql", "df", "curl", "GET", "SELECT", "python")


def given(*programs: str) -> list[str]:
    """The commands of the page that begin with one of these words."""
    return [one for one in SPANS if one.split()[0] in programs and one not in ELSEWHERE]


@pytest.fixture
def failed(submit) -> Job:
    job = submit(count=10)
    break_ledger("53100")
    for _ in range(work.MAX_ATTEMPTS):
        be_due()
        mint_one_chunk(job)
    mend_ledger()
    upkeep.reconcile(ring=silent)
    return job


def be_due() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE jobs_chunk SET not_before = '2020-01-01'")


@pytest.mark.parametrize("page", PAGES)
def test_every_span_with_a_space_is_a_command(page):
    spaced = {one for one in re.findall(r"`([^`\n]+)`", text_of(page)) if " " in one}
    assert not spaced - NO_COMMANDS - set(given(*PROGRAMS)) - set(ELSEWHERE)


def test_the_commands_of_cardgen(failed, tmp_path):
    recording.write(tmp_path)
    names = {"ID": str(failed.id), "FOLDER": str(tmp_path)}
    for command in given("cardgen"):
        words = [names.get(word, word) for word in shlex.split(command)]
        done = run(*words[1:])
        assert done.returncode == 0, f"{command}: {done.stderr}"


@pytest.mark.parametrize("command", given("psql", "df"))
def test_a_line_of_the_shell(command, db):
    programs = postgres.installed("psql").parent
    path = {"PATH": f"{programs}:/usr/bin:/bin"}
    done = subprocess.run(
        ["/bin/bash", "-c", command], env=environment(**path), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("question", given("SELECT"))
def test_a_question_to_the_database(question, db):
    with connection.cursor() as cursor:
        cursor.execute(question)
        assert cursor.fetchall()


@pytest.mark.parametrize("request_line", given("GET"))
def test_a_request(request_line, api, user):
    webhook = register(user, "https://example.test/hook")
    path = request_line.split()[1].replace("ID", str(webhook.pk))
    assert api.get(path).status_code == 200


@pytest.mark.parametrize(("command", "place", "seen"), [(k, *v) for k, v in ELSEWHERE.items()])
def test_the_others_are_given_elsewhere(command, place, seen):
    assert command in SPANS
    assert seen in (settings.BASE_DIR / place).read_text()
