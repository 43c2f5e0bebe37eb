"""Count cards by day where chunks are done: whoever writes one, in the same transaction."""

from django.db import migrations

# Workers and orders that are over at once never wait for each other's row: a worker may go on to
# wait for a range, and an order may hold one. The range of a chunk is that of its packed slots. The
# functions act as the owner: the application gets its rights to the figures after the last migration.
COUNT = """
CREATE FUNCTION jobs_count_chunk() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO jobs_dailyfigure AS counted
        (day, owner_id, team_id, issuer_range_id, stripe, cards)
    SELECT (statement_timestamp() AT TIME ZONE 'UTC')::date, owner_id, team_id,
        NEW.first_slot / 1000000000000, 1 + pg_backend_pid() % 16, NEW.produced
    FROM jobs_job WHERE id = NEW.job_id
    ON CONFLICT (owner_id, day, issuer_range_id, team_id, stripe)
        DO UPDATE SET cards = counted.cards + excluded.cards;
    RETURN NULL;
END $$;
CREATE TRIGGER chunk_done_is_counted AFTER UPDATE OF state ON jobs_chunk
    FOR EACH ROW WHEN (NEW.state = 'done' AND OLD.state <> 'done' AND NEW.produced > 0)
    EXECUTE FUNCTION jobs_count_chunk();
CREATE FUNCTION jobs_count_new_chunks() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO jobs_dailyfigure AS counted
        (day, owner_id, team_id, issuer_range_id, stripe, cards)
    SELECT (statement_timestamp() AT TIME ZONE 'UTC')::date, owner_id, team_id,
        first_slot / 1000000000000, 17 + pg_backend_pid() % 16, sum(made.produced)
    FROM made JOIN jobs_job ON jobs_job.id = made.job_id
    WHERE made.state = 'done' AND made.produced > 0
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 2, 4, 3
    ON CONFLICT (owner_id, day, issuer_range_id, team_id, stripe)
        DO UPDATE SET cards = counted.cards + excluded.cards;
    RETURN NULL;
END $$;
CREATE TRIGGER new_chunks_are_counted AFTER INSERT ON jobs_chunk
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION jobs_count_new_chunks();
"""
COUNT_NO_MORE = """
DROP TRIGGER new_chunks_are_counted ON jobs_chunk;
DROP TRIGGER chunk_done_is_counted ON jobs_chunk;
DROP FUNCTION jobs_count_new_chunks();
DROP FUNCTION jobs_count_chunk();
"""


class Migration(migrations.Migration):
    dependencies = [("jobs", "0013_daily_figures")]

    operations = [migrations.RunSQL(COUNT, COUNT_NO_MORE)]
