"""Who holds locks is told, and ended where that is allowed."""

from contextlib import closing

import pytest
from django.db import connections

from cardgen.upgrade import end_session, lock_holders
from cardgen.upgrade.sessions import SessionOfOthers
from tests.support.commands import run

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_only_an_owner_with_the_right_ends_a_session_that_holds_tables():
    other = connections.create_connection("default")
    mine = closing(connections["owner"])
    with closing(other), other.cursor() as theirs, mine as ours, ours.cursor() as owner:
        theirs.execute("BEGIN")
        theirs.execute("SELECT count(*) FROM jobs_job")
        (found,) = lock_holders()
        assert (found.state, found.tables) == ("idle in transaction", ["jobs_job"])
        owner.execute("SET ROLE pg_monitor")
        with pytest.raises(SessionOfOthers):
            end_session(found.pid)
        owner.execute("RESET ROLE")
        end_session(found.pid)
        assert lock_holders() == []


def test_a_session_that_holds_nothing_is_a_bad_request():
    done = run("locks", "--end", "1")
    assert (done.returncode, "no session 1 holds" in done.stderr) == (2, True)
