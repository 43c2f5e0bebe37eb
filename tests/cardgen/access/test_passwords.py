"""Passwords: what is checked, what is refused unchecked, and what is not held meanwhile."""

from collections.abc import Iterator

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from cardgen.access.attempts import Attempt


@pytest.fixture
def briefly_kept(transactional_db: None) -> Iterator[None]:
    """Have connections given back as soon as may be, as those of a pool are."""
    connection.close()
    connection.settings_dict["CONN_MAX_AGE"], before = 0, connection.settings_dict["CONN_MAX_AGE"]
    yield
    connection.settings_dict["CONN_MAX_AGE"] = before


def test_no_connection_is_held_while_a_password_is_hashed(briefly_kept):
    encoded = make_password("x")
    for _ in range(2):
        connection.ensure_connection()
        assert check_password("x", encoded)
        assert connection.connection is None


def test_too_many_failures_are_told_on_the_page_and_in_json(db):
    User.objects.create_user("guessed-here", password="right")
    for _ in range(10):
        Attempt(address="198.51.100.7", username="guessed-here").failed()
    form = {"username": "guessed-here", "password": "right"}
    client = Client(REMOTE_ADDR="198.51.100.7")
    page = client.post("/login", form, headers={"Accept": "text/html"})
    assert (page.status_code, "failed" in page.content.decode()) == (429, True)
    assert int(page["Retry-After"]) > 0
    refused = client.post("/login", form, headers={"Accept": "application/json"})
    assert refused.json()["code"] == "too_many_logins"
    elsewhere = Client(REMOTE_ADDR="198.51.100.8")
    assert elsewhere.post("/login", form).status_code == 302


def test_a_program_that_asks_is_not_counted(db):
    User.objects.create_user("by-program", password="right")
    for _ in range(12):
        Attempt(address="", username="by-program").failed()
    assert authenticate(username="by-program", password="right")
