"""When a chunk was done, for the line of a job's pace. A column that may be empty: nothing waits."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0016_profiles"),
    ]

    operations = [
        migrations.AddField(
            model_name="chunk",
            name="done_at",
            field=models.DateTimeField(
                help_text="when its cards were written; none before 0.10", null=True
            ),
        ),
    ]
