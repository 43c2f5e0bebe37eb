"""What models cannot say: two rules for whoever writes the rows, and an index too many."""

from django.db import migrations

# Slots given out stay given out. The trigger is on the pools; the ledger itself has none.
CURSOR_NEVER_GOES_BACK = """
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
CURSOR_MAY_GO_BACK = """
DROP TRIGGER pool_cursor_never_goes_back ON uniqueness_pool;
DROP FUNCTION uniqueness_pool_keep_cursor();
"""

# Who changed what may be minted, and why, can neither be changed nor forgotten.
AUDIT_TRAIL_ONLY_GROWS = """
CREATE FUNCTION uniqueness_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_trail_only_grows'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_trail_only_grows';
END $$;
CREATE TRIGGER audit_trail_only_grows BEFORE UPDATE OR DELETE ON uniqueness_auditentry
    FOR EACH ROW EXECUTE FUNCTION uniqueness_audit_refuse();
"""
AUDIT_TRAIL_MAY_CHANGE = """
DROP TRIGGER audit_trail_only_grows ON uniqueness_auditentry;
DROP FUNCTION uniqueness_audit_refuse();
"""

# Django gives a text primary key an index for LIKE. In the C collation it is a copy of the first:
# without it every number imported costs one index entry less.
WITHOUT_INDEX_FOR_LIKE = "DROP INDEX IF EXISTS uniqueness_exclusion_pan_3eac2caf_like"
WITH_INDEX_FOR_LIKE = """
CREATE INDEX uniqueness_exclusion_pan_3eac2caf_like
    ON uniqueness_exclusion (pan varchar_pattern_ops)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("uniqueness", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(CURSOR_NEVER_GOES_BACK, CURSOR_MAY_GO_BACK),
        migrations.RunSQL(AUDIT_TRAIL_ONLY_GROWS, AUDIT_TRAIL_MAY_CHANGE),
        migrations.RunSQL(WITHOUT_INDEX_FOR_LIKE, WITH_INDEX_FOR_LIKE),
    ]
