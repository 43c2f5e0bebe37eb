"""Illegal moves between job states are impossible, whoever writes the row."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION jobs_job_check_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The parentheses keep PL/pgSQL from taking the first THEN for its own.
    IF NOT (CASE OLD.status
        WHEN 'queued' THEN NEW.status IN ('running', 'paused', 'cancelled', 'failed')
        WHEN 'running' THEN NEW.status IN ('succeeded', 'failed', 'paused', 'cancelling')
        WHEN 'paused' THEN NEW.status IN ('queued', 'cancelling', 'cancelled')
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
BACKWARD = """
DROP TRIGGER job_moves_only_as_allowed ON jobs_job;
DROP FUNCTION jobs_job_check_move();
"""


class Migration(migrations.Migration):
    """The table of moves of jobs.states, enforced by the database."""

    dependencies = [("jobs", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
