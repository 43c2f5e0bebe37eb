"""The audit trail knows more, and only grows: numbered, dated and chained by the database."""

from django.db import migrations, models
from django.db.models import Q

# SHA-256 over the digest of the entry before and all other columns, written as netstrings with
# commas between them; uniqueness/trail/verifying.py writes them again to compare.
CHAIN = """
CREATE FUNCTION uniqueness_audit_digest(e uniqueness_auditentry) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(e.previous || convert_to(string_agg(
        coalesce(octet_length(written) || ':' || written, '-'), ',' ORDER BY place), 'UTF8'))
    FROM unnest(ARRAY[
        e.id::text, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), e.actor,
        e.user_id::text, e.key_id::text, host(e.address), e.request_id, e.via, e.action, e.subject,
        e.reason, e.before::text, e.after::text
    ]) WITH ORDINALITY AS columns (written, place)
$$;

-- One at a time until its commit, so that each entry sees the one before; ids have no gap.
CREATE FUNCTION uniqueness_audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last uniqueness_auditentry;
BEGIN
    PERFORM pg_advisory_xact_lock(1128726537, 0); -- uniqueness.locks.Space.TRAIL
    SELECT * INTO last FROM uniqueness_auditentry ORDER BY id DESC LIMIT 1;
    NEW.id := coalesce(last.id, 0) + 1;
    NEW.at := clock_timestamp();
    NEW.previous := coalesce(last.digest, ''::bytea);
    NEW.digest := uniqueness_audit_digest(NEW);
    RETURN NEW;
END $$;
"""
NO_CHAIN = """
DROP FUNCTION uniqueness_audit_chain();
DROP FUNCTION uniqueness_audit_digest(uniqueness_auditentry);
"""

# ALWAYS: also for whoever sets session_replication_role to replica, for which triggers else rest.
ONLY_GROWS = """
DROP TRIGGER audit_trail_only_grows ON uniqueness_auditentry;
DO $$
DECLARE
    entry uniqueness_auditentry;
    last uniqueness_auditentry;
    number bigint := 0;
BEGIN
    FOR entry IN SELECT * FROM uniqueness_auditentry ORDER BY id LOOP
        number := number + 1;
        UPDATE uniqueness_auditentry SET id = number, previous = coalesce(last.digest, ''::bytea)
            WHERE id = entry.id RETURNING * INTO entry;
        UPDATE uniqueness_auditentry SET digest = uniqueness_audit_digest(entry)
            WHERE id = number RETURNING * INTO last;
    END LOOP;
END $$;
CREATE TRIGGER audit_trail_is_chained BEFORE INSERT ON uniqueness_auditentry
    FOR EACH ROW EXECUTE FUNCTION uniqueness_audit_chain();
CREATE TRIGGER audit_trail_only_grows BEFORE UPDATE OR DELETE ON uniqueness_auditentry
    FOR EACH ROW EXECUTE FUNCTION uniqueness_audit_refuse();
CREATE TRIGGER audit_trail_is_never_emptied BEFORE TRUNCATE ON uniqueness_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION uniqueness_audit_refuse();
ALTER TABLE uniqueness_auditentry ENABLE ALWAYS TRIGGER audit_trail_is_chained;
ALTER TABLE uniqueness_auditentry ENABLE ALWAYS TRIGGER audit_trail_only_grows;
ALTER TABLE uniqueness_auditentry ENABLE ALWAYS TRIGGER audit_trail_is_never_emptied;
"""
MAY_BE_EMPTIED = """
DROP TRIGGER audit_trail_is_chained ON uniqueness_auditentry;
DROP TRIGGER audit_trail_is_never_emptied ON uniqueness_auditentry;
"""


def _adds(name: str, field: models.Field) -> migrations.AddField:  # type: ignore[type-arg]
    return migrations.AddField(model_name="auditentry", name=name, field=field)


def _indexes(name: str, *fields: str, **more: Q) -> migrations.AddIndex:
    index = models.Index(name=name, fields=fields, **more)
    return migrations.AddIndex(model_name="auditentry", index=index)


class Migration(migrations.Migration):
    dependencies = [
        ("uniqueness", "0002_rules"),
    ]

    operations = [
        _adds(
            "user_id",
            models.BigIntegerField(null=True, help_text="none: somebody without an account"),
        ),
        _adds(
            "key_id", models.BigIntegerField(null=True, help_text="of the API key, if one was sent")
        ),
        _adds("address", models.GenericIPAddressField(null=True, help_text="of the client")),
        _adds(
            "request_id",
            models.CharField(
                max_length=64, blank=True, db_default="", help_text="the log has more under it"
            ),
        ),
        _adds(
            "via",
            models.CharField(
                max_length=16, db_default="system", help_text="the way in: toolkit.actor.Via"
            ),
        ),
        _adds("before", models.JSONField(null=True, help_text="what was changed, as it was")),
        _adds("after", models.JSONField(null=True, help_text="and as it is since")),
        _adds(
            "previous",
            models.BinaryField(max_length=32, db_default=b"", help_text="the digest before"),
        ),
        _adds("digest", models.BinaryField(max_length=32, db_default=b"", help_text="SHA-256")),
        _indexes("audit_by_actor", "actor", "-id"),
        _indexes("audit_by_action", "action", "-id"),
        _indexes("audit_by_subject", "subject", "-id"),
        _indexes("audit_by_time", "at"),
        _indexes("audit_by_request", "request_id", condition=~Q(request_id="")),
        migrations.RunSQL(CHAIN, NO_CHAIN),
        migrations.RunSQL(ONLY_GROWS, MAY_BE_EMPTIED),
    ]
