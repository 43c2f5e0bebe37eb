"""Count what was issued before cards were counted by day: on the day its job last got cards."""

from django.db import migrations

# One statement sees chunks and what is counted of them at one moment, so nothing is counted twice
# while the service works. It only reads other tables. Stripe 0 is that of past days.
COUNT_BEFORE = """
WITH made AS (
    SELECT job_id, first_slot / 1000000000000 AS range_id, sum(produced) AS cards
    FROM jobs_chunk WHERE state IN ('done', 'purged') AND produced > 0 GROUP BY 1, 2
), known AS (
    SELECT (coalesce(j.progressed_at, j.finished_at, j.created_at) AT TIME ZONE 'UTC')::date AS day,
        j.owner_id, j.team_id, made.range_id, made.cards
    FROM made JOIN jobs_job j ON j.id = made.job_id
    UNION ALL
    SELECT day, owner_id, team_id, issuer_range_id, -cards FROM jobs_dailyfigure
)
INSERT INTO jobs_dailyfigure (day, owner_id, team_id, issuer_range_id, stripe, cards)
SELECT day, owner_id, team_id, range_id, 0, sum(cards) FROM known
GROUP BY 1, 2, 3, 4 HAVING sum(cards) > 0
"""


class Migration(migrations.Migration):
    dependencies = [("jobs", "0014_figures_are_counted")]

    operations = [migrations.RunSQL(COUNT_BEFORE, migrations.RunSQL.noop)]
