from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import migrations, models
from django.db.models import Q

import generation.models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="IssuerRange",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                (
                    "scheme",
                    models.CharField(help_text="code in the scheme catalogue", max_length=32),
                ),
                ("iin", models.CharField(db_collation="C", max_length=8)),
                ("pan_length", models.PositiveSmallIntegerField()),
                (
                    "tier",
                    models.CharField(
                        choices=[
                            ("reserved", "reserved by the standard"),
                            ("scheme_test", "owned by the scheme itself"),
                            ("brand_shape", "right shape only"),
                            ("owned", "owned by the operator"),
                        ],
                        max_length=16,
                    ),
                ),
                ("enabled", models.BooleanField(default=True)),
                ("source", models.TextField(help_text="who says what the tier promises")),
                ("key_check_value", models.CharField(max_length=6)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "statement",
                    models.TextField(
                        blank=True,
                        help_text="for an owned range: what the administrator states, in words",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(id__gt=0, id__lt=9_000_000), name="range_id_fits_packed_slot"
                    ),
                    models.CheckConstraint(
                        condition=Q(iin__regex="^([0-9]{6}|[0-9]{8})$"),
                        name="iin_has_6_or_8_digits",
                    ),
                    models.CheckConstraint(
                        condition=Q(pan_length__range=(12, 19)), name="pan_has_12_to_19_digits"
                    ),
                    ExclusionConstraint(
                        expressions=[(generation.models.PrefixSpan(), "&&")],
                        name="ranges_do_not_overlap",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SequentialWindow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("window", models.BigIntegerField(help_text="slot in the range // 10^6")),
                (
                    "issuer_range",
                    models.ForeignKey(
                        on_delete=models.PROTECT,
                        related_name="sequential_windows",
                        to="generation.issuerrange",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("issuer_range", "window"), name="one_order_per_window"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TierSwitch",
            fields=[
                (
                    "tier",
                    models.CharField(
                        choices=[
                            ("reserved", "reserved by the standard"),
                            ("scheme_test", "owned by the scheme itself"),
                            ("brand_shape", "right shape only"),
                            ("owned", "owned by the operator"),
                        ],
                        max_length=16,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("enabled", models.BooleanField()),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "verbose_name": "tier",
            },
        ),
    ]
