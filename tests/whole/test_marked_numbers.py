"""Marked numbers through every route and command, then a search of everything that was written.

The server logs every statement, which no installation should have it do.
"""

import logging
import re
import tempfile
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from cardgen.embedded import servers
from tests.support.commands import run
from tests.support.keys import create_key
from tests.support.slots import pans_from

REAL = "4929123456781236"
"""Marks what is nobody's business; it lies in no range."""
SILENT = "because the list was wrong"
LOUD = """
    SET log_min_messages = 'warning'; SET log_min_error_statement = 'error';
    SET log_min_duration_statement = 0; SET log_statement = 'all';
"""
API = "/api/v1"
PARAMETERS = "&".join(
    f"{name}={REAL}" for name in ("q", "label", "source", "name", "after", "status", "range", "x")
)


@pytest.fixture
def loud(db):
    """Every statement of this test is in the server's log."""
    with connection.cursor() as cursor:
        cursor.execute(LOUD)
        cursor.execute("SELECT 'the log is read'")


@pytest.fixture
def api(catalogue):
    client = APIClient(raise_request_exception=False)
    client.credentials(
        HTTP_X_API_KEY=create_key(user=User.objects.create_superuser("admin"), name="k")
    )
    return client


def routes(patterns: list, prefix: str = "/") -> list[str]:
    """Every route of the project, a number for each name in its path."""
    found = []
    for one in patterns:
        if isinstance(one, URLResolver):
            found += routes(one.url_patterns, prefix + str(one.pattern))
        elif isinstance(one, URLPattern) and "(?" not in str(one.pattern):
            found.append(re.sub("<[^>]*>", REAL, prefix + str(one.pattern)))
    return found


def send_everywhere(client, number: str) -> None:
    """Put the number wherever a request may hold one, whether it belongs there or not."""
    body = dict.fromkeys(
        ("label", "name", "profile", "reason", "source", "range", "username", "pan"), number
    )
    for route in routes(get_resolver().url_patterns):
        for method in ("post", "put", "patch", "delete"):
            getattr(client, method)(route, body | {"numbers": [number]})
        for query in (PARAMETERS, f"q={number}"):
            client.get(f"{route}?{query}")


def send_where_it_belongs(client, inside: list[str], *, range_name: str) -> None:
    wanted = {
        "cards/check": {"numbers": [REAL, *inside]},
        "cards/validate": {"numbers": [REAL]},
        "test-cards/lookup": {"numbers": [REAL]},
        "cards/claim": {"range": range_name, "numbers": inside},
        "cards/renew": {"numbers": inside},
        "exclusions/remove": {"numbers": [REAL], "reason": SILENT},
    }
    text = f"{REAL}\n".encode()
    assert (
        client.post(f"{API}/exclusions/import", text, content_type="text/plain").status_code == 200
    )
    for page in ("", "?limit=1&reason=imported", "?limit=1"):
        following = client.get(f"{API}/exclusions{page}").json()["next"]
        assert following is None or client.get(following).status_code == 200
    for route, body in wanted.items():
        answer = client.post(f"{API}/{route}", body)
        assert answer.status_code in (200, 201), (route, answer.content)


def run_commands(inside: list[str]) -> None:
    given = f"{REAL}\n{inside[0]}\n"
    assert run("explain", "-", stdin=given).returncode == 0
    assert run("hash_numbers", stdin=given).returncode == 0
    assert run("import_exclusions", "-", stdin=given).returncode == 0
    assert run("scan", "-", stdin=given).returncode == 0
    assert run("renew_cards", stdin=inside[0]).returncode == 0
    assert run("remove_exclusion", "-", "--reason", SILENT, stdin=REAL).returncode == 0
    assert run("renew_cards", stdin=REAL).returncode != 0
    assert run("generate_cards", "--label", REAL).returncode != 0


def files_written(since: float) -> list[Path]:
    """Everything below VAR and the folder of temporary files, but for the database itself."""
    data = settings.VAR / "postgres"
    folders = [settings.VAR, Path(tempfile.gettempdir())]
    return [
        file
        for folder in folders
        for file in folder.glob("*" if folder != settings.VAR else "**/*")
        if file.is_file() and data not in file.parents and file.stat().st_mtime >= since
    ]


def test_nothing_that_is_written_anywhere_has_them(loud, api, small_range, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    inside = pans_from(small_range, 3, 2)
    since = (settings.VAR / "cardgen.lock").stat().st_mtime
    send_where_it_belongs(api, inside, range_name=small_range.name)
    send_everywhere(api, REAL)
    run_commands(inside)
    log = servers.log_file(settings.VAR, servers.POSTGRES).read_bytes()
    assert b"the log is read" in log
    assert b"uniqueness_exclusion" in log
    marks = [REAL.encode(), *(pan.encode() for pan in inside)]
    texts = {str(file): file.read_bytes() for file in files_written(since)}
    texts |= {"stderr": capfd.readouterr().err.encode()}
    for name, text in texts.items():
        assert not [line[:300] for line in text.splitlines() if any(m in line for m in marks)], name
