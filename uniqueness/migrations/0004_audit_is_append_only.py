"""The audit trail can only grow."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION uniqueness_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_trail_only_grows'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_trail_only_grows';
END $$;
CREATE TRIGGER audit_trail_only_grows BEFORE UPDATE OR DELETE ON uniqueness_auditentry
    FOR EACH ROW EXECUTE FUNCTION uniqueness_audit_refuse();
"""
BACKWARD = """
DROP TRIGGER audit_trail_only_grows ON uniqueness_auditentry;
DROP FUNCTION uniqueness_audit_refuse();
"""


class Migration(migrations.Migration):
    """A trigger on the audit trail."""

    dependencies = [("uniqueness", "0003_audit")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
