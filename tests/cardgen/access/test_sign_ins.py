"""Who signs in, tries to, or signs out stands in the audit trail; what was typed does not."""

import pytest
from django.test import Client

from tests.support.keys import make_user
from uniqueness.models import AuditEntry

PASSWORD = "correct horse battery"


@pytest.fixture
def ann(db):
    return make_user("ann", password=PASSWORD)


def sign_in(**typed: str) -> Client:
    client = Client()
    client.post("/login", typed, REMOTE_ADDR="192.0.2.7")
    return client


def test_a_session_is_noted_from_its_begin_to_its_end(ann):
    sign_in(username="ann", password=PASSWORD).post("/logout")
    ended, began = AuditEntry.objects.all()
    assert (began.action, ended.action) == ("sign_in", "sign_out")
    assert (began.actor, began.user_id, began.via) == ("ann", ann.pk, "page")
    assert began.address == "192.0.2.7"


def test_a_wrong_password_is_noted_with_the_name(ann):
    sign_in(username="ann", password="4242424242424242")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.address) == ("sign_in_failed", "ann", "192.0.2.7")
    drawn = {"at", "request_id", "previous", "digest"}  # any digits may stand there
    assert "4242" not in str({**vars(entry), **dict.fromkeys(drawn)})


@pytest.mark.parametrize("name", ["4242424242424242", "my secret password", "x" * 150])
def test_a_name_that_nobody_has_is_not_kept(ann, name):
    sign_in(username=name, password=PASSWORD)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.user_id) == (
        "sign_in_failed", "somebody unknown", None,
    )  # fmt: skip
    assert name not in str(vars(entry))


def test_whoever_has_no_session_ends_none(db):
    Client().post("/logout")
    assert not AuditEntry.objects.exists()
