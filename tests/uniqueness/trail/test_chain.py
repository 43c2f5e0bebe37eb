"""The trail only grows, whoever asks the database, and each entry vouches for those before."""

import re
import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from tests.support.actors import somebody
from toolkit.actor import Actor, Via
from uniqueness.models import AuditEntry
from uniqueness.trail import note
from uniqueness.trail.verifying import Anchor, verify

TABLE = "uniqueness_auditentry"
ANEW = (
    "UPDATE {0} e SET reason = 'x', digest = uniqueness_audit_digest("
    'jsonb_populate_record(e, \'{{"reason": "x"}}\')) WHERE id = 2'
)


def write(count: int = 3) -> None:
    for number in range(count):
        note(actor=somebody(), action="test", subject=f"é {number}", reason="a test of the chain")


def run_sql(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def guarded(db):
    """The trigger that the other tests rest, for they empty their tables."""
    run_sql(f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER audit_trail_is_never_emptied")


@pytest.mark.parametrize("role", ["origin", "replica", "local"])
@pytest.mark.parametrize(
    "statement", [f"DELETE FROM {TABLE}", f"UPDATE {TABLE} SET reason = 'x'", f"TRUNCATE {TABLE}"]
)
def test_the_trail_cannot_be_changed_or_emptied_even_by_a_superuser(guarded, statement, role):
    write()
    with pytest.raises(IntegrityError, match="audit_trail_only_grows"):
        run_sql(f"SET LOCAL session_replication_role = {role}; {statement}")
    assert AuditEntry.objects.count() == 3


def test_entries_say_who_by_which_way_and_what_was_before(db):
    who = Actor(
        name="ann", via=Via.API, user_id=7, key_id=9, address="2001:db8::1", request_id="r-1"
    )
    note(actor=who, action="a", subject="s", reason="r", before={"on": True}, after={"on": False})
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.user_id, entry.key_id) == ("ann", 7, 9)
    assert (entry.address, entry.request_id, entry.via) == ("2001:db8::1", "r-1", "api")
    assert (entry.before, entry.after) == ({"on": True}, {"on": False})
    assert verify().wrong == []


def test_the_chain_is_whole_and_numbered_without_a_gap(db):
    write()
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    write()
    found = verify()
    assert (found.entries, found.last.id, found.wrong) == (6, 6, [])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE {} SET reason = 'another' WHERE id = 2", "entry 2 was changed"),
        ("UPDATE {} SET at = at - interval '1 day' WHERE id = 2", "entry 2 was changed"),
        ("UPDATE {} SET after = '{{}}' WHERE id = 2", "entry 2 was changed"),
        ("DELETE FROM {} WHERE id = 2", "entries 2 to 2 are gone"),
        (
            ANEW,
            "entry 3 does not follow entry 2",
        ),
    ],
)
def test_what_was_tampered_with_is_found(db, change, told):
    write()
    run_sql(f"ALTER TABLE {TABLE} DISABLE TRIGGER ALL")
    run_sql(change.format(TABLE))
    assert verify().wrong == [told]
    with pytest.raises(CommandError, match=told) as error:
        call_command("verify_audit")
    assert error.value.returncode == 1


def test_newest_entries_that_were_taken_away_are_missed_by_the_anchor(db):
    write()
    out = StringIO()
    call_command("verify_audit", stdout=out)
    anchor = out.getvalue().strip()
    assert re.fullmatch("3:[0-9a-f]{64}", anchor)
    run_sql(f"ALTER TABLE {TABLE} DISABLE TRIGGER ALL; DELETE FROM {TABLE} WHERE id = 3")
    assert verify().wrong == []
    with pytest.raises(CommandError, match="entry 3 is not there"):
        call_command("verify_audit", f"--anchor={anchor}")
    run_sql(f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER audit_trail_is_chained")
    write(1)
    with pytest.raises(CommandError, match="entry 3 is not there"):
        call_command("verify_audit", f"--anchor={anchor}")


def test_an_anchor_of_the_past_is_found(db):
    write()
    last = verify().last
    write()
    assert verify(anchor=last).wrong == []
    assert verify(anchor=Anchor(id=last.id, digest=b"?" * 32)).wrong != []


@pytest.mark.django_db(transaction=True)
def test_entries_written_at_the_same_time_are_one_chain():
    barrier = threading.Barrier(4)

    def together() -> None:
        try:
            barrier.wait(timeout=30)
            write(10)
        finally:
            connection.close()

    threads = [threading.Thread(target=together) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = verify()
    assert (found.entries, found.last.id, found.wrong) == (40, 40, [])
