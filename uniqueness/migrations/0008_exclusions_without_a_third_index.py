"""Drop the index for LIKE that Django gives a text primary key: in the C collation it is a copy."""

from django.db import migrations

FORWARD = "DROP INDEX IF EXISTS uniqueness_exclusion_pan_3eac2caf_like"
BACKWARD = """
CREATE INDEX uniqueness_exclusion_pan_3eac2caf_like
    ON uniqueness_exclusion (pan varchar_pattern_ops)
"""


class Migration(migrations.Migration):
    """Every number imported costs one index entry less."""

    dependencies = [("uniqueness", "0007_window_filters")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
