"""Renewals and small orders are counted in few rows, not in one for each."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0002_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TakenAtOnce",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("api_key_id", models.BigIntegerField(null=True)),
                ("day", models.DateField()),
                ("stripe", models.PositiveSmallIntegerField()),
                ("cards", models.BigIntegerField()),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="taken_at_once",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "day", "api_key_id", "stripe"),
                        name="one_count_per_stripe",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.DeleteModel(name="RenewalOrder"),
    ]
