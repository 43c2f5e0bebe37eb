"""A pool's cursor never goes back, whoever writes it: slots given out stay given out."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION uniqueness_pool_keep_cursor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.next_slot < OLD.next_slot THEN
        RAISE EXCEPTION 'pool_cursor_never_goes_back: range % stands at %', OLD.issuer_range_id, OLD.next_slot
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pool_cursor_never_goes_back';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER pool_cursor_never_goes_back BEFORE UPDATE OR DELETE ON uniqueness_pool
    FOR EACH ROW EXECUTE FUNCTION uniqueness_pool_keep_cursor();
"""
BACKWARD = """
DROP TRIGGER pool_cursor_never_goes_back ON uniqueness_pool;
DROP FUNCTION uniqueness_pool_keep_cursor();
"""


class Migration(migrations.Migration):
    """Trigger on the pool table; the ledger itself has none."""

    dependencies = [("uniqueness", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
