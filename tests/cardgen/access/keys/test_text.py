"""What is no API key is refused without asking the database."""

import secrets

import pytest

from cardgen.access.keys import finding
from cardgen.access.keys.finding import find_key
from cardgen.access.keys.text import is_new, is_plausible, new_key
from tests.support.keys import create_key
from toolkit.database import read_binary
from toolkit.rights import Right, has_right


def test_a_key_is_checked_by_its_last_characters():
    key = new_key()
    assert is_plausible(key)
    for place in range(len(key)):
        other = "A" if key[place] != "A" else "B"
        assert not is_plausible(key[:place] + other + key[place + 1 :])


def test_a_new_key_has_its_check_characters():
    key = new_key()
    assert is_new(key)
    for other in (key[:-6], f"{key} ", f"{key}\n", key[1:], ""):
        assert not is_new(other)


@pytest.fixture
def asked(monkeypatch):
    """What the database is asked to find a key."""
    found = []

    def read(statement, *values, **options):
        found.append(statement)
        return read_binary(statement, *values, **options)

    monkeypatch.setattr(finding, "read_binary", read)
    return found


@pytest.mark.parametrize(
    "text",
    ["", "cg_", "admin", "cg_" + "a" * 44, "é" * 52, "sk_" + "a" * 43, "x" * 100_000, "\0"],
)
def test_what_scanners_try_costs_no_question(asked, text):
    assert find_key(text, address="192.0.2.7") is None
    assert find_key(new_key()[:-1] + "?", address=None) is None
    assert asked == []


def test_a_key_of_before_without_check_characters_is_looked_up(asked, db):
    assert find_key("cg_" + secrets.token_urlsafe(32), address=None) is None
    assert len(asked) == 1


def test_finding_a_key_and_all_its_user_may_do_is_one_question(asked, user):
    key = create_key(user=user, name="k")
    found = find_key(key, address=None)
    assert found.user == user
    assert has_right(found.user, Right.MINT)
    assert len(asked) == 1
