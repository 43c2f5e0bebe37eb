"""However many jobs have ended, those that have not are found by an index of their own."""

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext

from jobs import upkeep, watching
from jobs.orders import require_room
from tests.support.fixtures import silent
from tests.support.teams import make_team

_MANY = """
    INSERT INTO jobs_job SELECT (jsonb_populate_record(job, jsonb_build_object(
        'id', gen_random_uuid(), 'status', 'succeeded', 'produced', requested, 'team_id', team))).*
    FROM jobs_job job, generate_series(1, 1000), (VALUES (%s::bigint), (NULL)) AS of_a (team);
    ANALYZE jobs_job;
"""


def plans_of(ask: Callable[[], object]) -> list[str]:
    """How PostgreSQL finds jobs by their state."""
    with CaptureQueriesContext(connection) as asked:
        ask()
    sqls = [query["sql"] for query in asked.captured_queries]
    return [_plan(sql) for sql in sqls if '"jobs_job"."status" ' in sql.partition(" WHERE ")[2]]


def _plan(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(line for (line,) in cursor.fetchall())


def test_jobs_that_have_not_ended_are_found_among_many(submit, user, settings, tmp_path):
    submit()
    team = make_team("checkout", user)
    with connection.cursor() as cursor:
        cursor.execute(_MANY, [team.pk])
    settings.CARDGEN_DATABASE_VOLUME = tmp_path
    found = plans_of(lambda: watching.recent(user))
    team.members.clear()
    found += plans_of(lambda: watching.recent(user))
    found += plans_of(lambda: require_room(cards=1))
    found += plans_of(lambda: upkeep.reconcile(ring=silent))
    assert sum("job_unended" in plan for plan in found) == 6
    assert not [plan for plan in found if "Seq Scan on jobs_job" in plan]
