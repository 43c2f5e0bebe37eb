"""What models cannot say: the only moves between job states, whoever writes the row."""

from django.db import migrations

# The moves of jobs.states. A paused job may end by its last chunk in flight or by its deadline.
MOVES_ONLY_AS_ALLOWED = """
CREATE FUNCTION jobs_job_check_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The parentheses keep PL/pgSQL from taking the first THEN for its own.
    IF NOT (CASE OLD.status
        WHEN 'queued' THEN NEW.status IN ('running', 'paused', 'cancelled', 'failed')
        WHEN 'running' THEN NEW.status IN ('succeeded', 'failed', 'paused', 'cancelling')
        WHEN 'paused' THEN
            NEW.status IN ('queued', 'cancelling', 'cancelled', 'succeeded', 'failed')
        WHEN 'cancelling' THEN NEW.status IN ('cancelled')
        WHEN 'failed' THEN NEW.status IN ('queued')
        ELSE false END)
    THEN
        RAISE EXCEPTION 'job_moves_only_as_allowed: % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'job_moves_only_as_allowed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER job_moves_only_as_allowed BEFORE UPDATE OF status ON jobs_job
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION jobs_job_check_move();
"""
MOVES_OF_ANY_KIND = """
DROP TRIGGER job_moves_only_as_allowed ON jobs_job;
DROP FUNCTION jobs_job_check_move();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(MOVES_ONLY_AS_ALLOWED, MOVES_OF_ANY_KIND),
    ]
