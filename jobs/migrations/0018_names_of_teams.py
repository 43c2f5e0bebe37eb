"""A team can be renamed: each name it has or had is written down and stays its own."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import jobs.models.team

# An index decides between two who take one name at the same time. The function acts as the owner:
# the application gets its rights to the new table after the last migration.
KEEP_NAMES = """
CREATE FUNCTION jobs_keep_name_of_team() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO jobs_teamname (name, team_id) VALUES (NEW.name, NEW.id)
    ON CONFLICT (name) DO NOTHING;
    IF (SELECT team_id FROM jobs_teamname WHERE name = NEW.name) <> NEW.id THEN
        RAISE unique_violation USING
            MESSAGE = 'another team had that name', CONSTRAINT = 'one_team_per_name_ever';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER name_of_team_is_kept AFTER INSERT OR UPDATE OF name ON jobs_team
    FOR EACH ROW EXECUTE FUNCTION jobs_keep_name_of_team();
INSERT INTO jobs_teamname (name, team_id) SELECT name, id FROM jobs_team;
"""
KEEP_NONE = """
DROP TRIGGER name_of_team_is_kept ON jobs_team;
DROP FUNCTION jobs_keep_name_of_team();
"""


class Migration(migrations.Migration):
    dependencies = [("jobs", "0017_chunk_done_at")]

    operations = [
        migrations.CreateModel(
            name="TeamName",
            fields=[
                (
                    "name",
                    models.CharField(max_length=40, primary_key=True, serialize=False),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names",
                        to="jobs.team",
                    ),
                ),
            ],
        ),
        migrations.AlterField(
            model_name="team",
            name="name",
            field=models.CharField(
                help_text="1 to 40 characters: a to z, 0 to 9 and -.",
                max_length=40,
                unique=True,
                validators=[
                    django.core.validators.RegexValidator(
                        "\\A[a-z0-9][a-z0-9-]{0,39}\\Z", "Use a to z, 0 to 9 and -, first no -."
                    ),
                    jobs.models.team.holds_no_card_number,
                ],
            ),
        ),
        migrations.RunSQL(KEEP_NAMES, KEEP_NONE),
    ]
