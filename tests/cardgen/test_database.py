"""The connection to the database: a server that is gone without a word is noticed."""

import subprocess
import sys

import pytest
from django.db import connection

from tests.support.processes import ROOT, environment

SHOWN = """
from django.conf import settings
options = settings.DATABASES["default"]["OPTIONS"]
print(*(f"{name}={options[name]}" for name in sorted(options)))
"""


def options_of(url: str) -> str:
    command = [sys.executable, "-c", SHOWN]
    env = environment(DATABASE_URL=url)
    found = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return found.stdout


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(("asked", "told"), [("", "60000"), ("?tcp_user_timeout=5000", "5000")])
def test_a_silent_server_is_noticed_and_the_url_has_the_last_word(asked, told):
    found = options_of(f"postgres://u:p@db.example/cards{asked}")
    assert f"tcp_user_timeout={told}" in found
    assert "keepalives_idle=30" in found


@pytest.mark.django_db
def test_the_driver_takes_the_options():
    connection.ensure_connection()
    assert connection.connection.info.get_parameters()["tcp_user_timeout"] == "60000"
