"""Where the spans of a job's chunks belong. A column with a default: it locks for a moment only."""

from django.db import migrations, models

import toolkit.spans


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0009_worker_version"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="trace_parent",
            field=models.CharField(
                blank=True,
                db_default="",
                default=toolkit.spans.trace_parent,
                help_text="W3C Trace Context: the span that ordered it",
                max_length=55,
            ),
        ),
    ]
