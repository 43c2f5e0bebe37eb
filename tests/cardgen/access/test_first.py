"""The first administrator, and the first key where it is known before."""

import pytest
from django.contrib.auth.models import User

from cardgen.access.first import BOOTSTRAP_USER, ensure_administrator
from cardgen.access.keys.finding import find_key
from cardgen.access.keys.text import new_key
from cardgen.access.models import ApiKey
from tests.support.commands import run
from tests.support.keys import create_key, make_user
from toolkit.rights import RIGHTS_OF, Role, rights_of
from uniqueness.models import AuditEntry


@pytest.fixture
def key(settings):
    settings.CARDGEN_BOOTSTRAP_KEY = new_key()
    return settings.CARDGEN_BOOTSTRAP_KEY


@pytest.mark.parametrize("role", list(Role))
def test_the_key_of_the_settings_may_do_what_its_role_may(db, settings, key, role):
    settings.CARDGEN_BOOTSTRAP_ROLE = role.upper()
    assert run("bootstrap").returncode == 0
    found = find_key(key, address=None)
    assert found.user.username == BOOTSTRAP_USER
    assert rights_of(found.user) == RIGHTS_OF[role]
    assert not found.user.has_usable_password()


def test_it_is_written_nowhere(db, key):
    done = run("bootstrap")
    assert done.stdout == ""
    assert "a tester" in done.stderr
    entry = AuditEntry.objects.filter(action="make_key").values().get()
    assert key not in f"{done.stderr} {entry}"


def test_it_is_made_once(db, key):
    run("bootstrap")
    again = run("bootstrap")
    assert (again.returncode, "already" in again.stderr) == (0, True)
    assert ApiKey.objects.count() == 1


def test_an_installation_in_use_gets_no_key_by_it(db, key):
    create_key(user=make_user("ann"), name="hers")
    assert "already" in run("bootstrap").stderr
    assert find_key(key, address=None) is None
    assert not User.objects.filter(username=BOOTSTRAP_USER).exists()


def test_one_that_was_revoked_does_not_come_back(db, key):
    run("bootstrap")
    assert run("revoke_api_key", key[:11]).returncode == 0
    run("bootstrap")
    assert find_key(key, address=None) is None


def test_without_a_key_in_the_settings_there_is_nothing_to_do(db, settings):
    settings.CARDGEN_BOOTSTRAP_KEY = ""
    done = run("bootstrap")
    assert (done.returncode, done.stderr, ApiKey.objects.exists()) == (0, "", False)


def test_who_cannot_sign_in_is_not_the_administrator_of_a_fresh_installation(db, settings, key):
    settings.CARDGEN_BOOTSTRAP_ROLE = "ADMINISTRATOR"
    run("bootstrap")
    assert ensure_administrator().username == "admin"
    assert ensure_administrator() is None
