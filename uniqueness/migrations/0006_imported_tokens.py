"""Numbers that were imported outside all ranges are kept as tokens, no longer as digits."""

import django.db.models.functions.datetime
import numpy as np
from django.db import migrations, models

from uniqueness.exclusions.outside import lie_outside, tokens_of


def keep_as_tokens(apps, schema_editor):
    """Move them, over the connection of whoever migrates: nobody else has rights yet."""
    using = schema_editor.connection.alias
    kept = apps.get_model("uniqueness", "ImportedToken").objects.using(using)
    exclusions = apps.get_model("uniqueness", "Exclusion").objects.using(using)
    rows = exclusions.filter(reason="imported", slot=None)
    ranges = list(apps.get_model("generation", "IssuerRange").objects.using(using))
    pans = np.array([pan.encode() for pan in rows.values_list("pan", flat=True)], dtype="S19")
    moving = pans[lie_outside(pans, ranges=ranges, using=using)]
    for pan, token in zip(moving.tolist(), tokens_of(moving), strict=True):
        row = rows.get(pan=pan.decode())
        kept.create(token=token, source=row.source, created_at=row.created_at)
        row.delete(using=using)


class Migration(migrations.Migration):
    dependencies = [
        ("uniqueness", "0005_promises"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportedToken",
            fields=[
                (
                    "token",
                    models.UUIDField(
                        help_text="the number, enciphered", primary_key=True, serialize=False
                    ),
                ),
                ("source", models.TextField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
        ),
        migrations.RunPython(keep_as_tokens, migrations.RunPython.noop),
    ]
