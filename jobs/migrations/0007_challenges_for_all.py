"""Ask the webhooks of before there were challenges: until they answer they are told nothing."""

from django.db import migrations

# A challenge is 64 hexadecimal digits; two random UUIDs (RFC 9562) hold 244 random bits.
ASK = """
    INSERT INTO jobs_delivery (webhook_id, event, message)
    SELECT w.id, 'webhook.challenge', jsonb_build_object(
        'challenge', replace(concat(gen_random_uuid(), gen_random_uuid()), '-', ''))
    FROM jobs_webhook w
    WHERE w.verified_at IS NULL AND NOT EXISTS (
        SELECT FROM jobs_delivery d WHERE d.webhook_id = w.id AND d.event = 'webhook.challenge')
"""


class Migration(migrations.Migration):
    dependencies = [("jobs", "0006_webhook_proof")]

    operations = [migrations.RunSQL(ASK, migrations.RunSQL.noop)]
