from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("uniqueness", "0006_pool_states"),
    ]

    operations = [
        migrations.CreateModel(
            name="WindowFilter",
            fields=[
                (
                    "window",
                    models.BigIntegerField(
                        help_text="packed slot // 10^6", primary_key=True, serialize=False
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(help_text="counts how often it was sealed"),
                ),
                ("cards", models.PositiveIntegerField(help_text="in the version sealed last")),
                (
                    "strays",
                    models.PositiveIntegerField(
                        help_text="of these, cards whose number does not begin like the window's: negative ones"
                    ),
                ),
                (
                    "digest",
                    models.BinaryField(
                        help_text="BLAKE2b-256 of its 2 MiB; null: not sealed", null=True
                    ),
                ),
                ("sealed_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("version__gt", 0)), name="filters_were_sealed_once"
                    )
                ],
            },
        ),
    ]
