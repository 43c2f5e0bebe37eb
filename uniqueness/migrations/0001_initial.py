from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, BigIntegerRangeField
from django.db import migrations, models
from django.db.models import F, Func, Q
from django.db.models.functions import Now


def bound(function: str) -> Func:
    """The span's `lower` or `upper` bound."""
    return Func(F("span"), function=function, output_field=models.BigIntegerField())


SLOTS = bound("upper") - bound("lower")


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("generation", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Pool",
            fields=[
                (
                    "issuer_range",
                    models.OneToOneField(
                        on_delete=models.PROTECT,
                        primary_key=True,
                        related_name="pool",
                        serialize=False,
                        to="generation.issuerrange",
                    ),
                ),
                (
                    "next_slot",
                    models.BigIntegerField(default=0, help_text="slot in the range, not packed"),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(next_slot__gte=0), name="pool_cursor_is_not_negative"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("span", BigIntegerRangeField(help_text="packed slots, half open")),
                ("owner", models.UUIDField(db_index=True, help_text="id of the job", null=True)),
                ("created_at", models.DateTimeField(db_default=Now())),
                (
                    "issuer_range",
                    models.ForeignKey(
                        on_delete=models.PROTECT, related_name="+", to="generation.issuerrange"
                    ),
                ),
                (
                    "expires_at",
                    models.DateTimeField(help_text="when nobody cares for it any more", null=True),
                ),
                (
                    "issued",
                    models.BigIntegerField(default=0, help_text="cards written in the span"),
                ),
                (
                    "purged",
                    models.BooleanField(
                        default=False, help_text="its cards are deleted, not their slots"
                    ),
                ),
                (
                    "sequential",
                    models.BooleanField(default=False, help_text="lies in sequential windows"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("held", "Held"), ("used", "Used"), ("free", "Free")],
                        default="held",
                        max_length=4,
                    ),
                ),
                (
                    "holes",
                    ArrayField(
                        base_field=models.BigIntegerField(),
                        help_text="packed slots stepped over; null: who reads must ask the ledger",
                        null=True,
                        size=None,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=Q(state="free"), fields=["issuer_range"], name="free_spans"
                    ),
                    models.Index(condition=Q(purged=True), fields=["id"], name="purged_spans"),
                    models.Index(
                        condition=Q(state="held"), fields=["expires_at"], name="held_spans"
                    ),
                ],
                "constraints": [
                    ExclusionConstraint(
                        expressions=[(F("span"), "&&")], name="reservations_are_disjoint"
                    ),
                    models.CheckConstraint(
                        condition=Q(span__isempty=False), name="reservation_is_not_empty"
                    ),
                    models.CheckConstraint(
                        condition=Q(owner=None, state="free") | (~Q(state="free") & ~Q(owner=None)),
                        name="reservation_has_an_owner_unless_free",
                    ),
                    models.CheckConstraint(
                        condition=Q(issued__gte=0, issued__lte=SLOTS),
                        name="reservation_never_holds_more_cards_than_slots",
                    ),
                    models.CheckConstraint(
                        condition=Q(holes=None) | Q(holes__len__lte=SLOTS - F("issued")),
                        name="reservation_never_counts_a_hole_as_a_card",
                    ),
                    models.CheckConstraint(
                        condition=Q(purged=False) | Q(state="used"),
                        name="only_used_spans_are_purged",
                    ),
                    models.CheckConstraint(
                        condition=~Q(state="free") | Q(issued=0), name="free_spans_hold_no_card"
                    ),
                    models.CheckConstraint(
                        condition=Q(expires_at__isnull=False, state="held")
                        | (~Q(state="held") & Q(expires_at=None)),
                        name="reservation_expires_only_while_held",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Card",
            fields=[
                (
                    "slot",
                    models.BigIntegerField(
                        help_text="range id * 10^12 + slot in range",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("pan", models.CharField(db_collation="C", max_length=19)),
                ("expiry", models.DateField(help_text="last day of the expiry month")),
                ("cvv", models.CharField(max_length=4)),
            ],
            options={
                "db_table": "uniqueness_ledger",
                "constraints": [
                    models.UniqueConstraint(fields=("pan",), name="one_card_per_pan"),
                    models.CheckConstraint(
                        condition=Q(slot__gte=10**12), name="slot_is_packed_with_a_range"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Exclusion",
            fields=[
                (
                    "pan",
                    models.CharField(
                        db_collation="C", max_length=19, primary_key=True, serialize=False
                    ),
                ),
                ("slot", models.BigIntegerField(help_text="packed slot", null=True, unique=True)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("published", "published by a payment provider"),
                            ("imported", "imported"),
                            ("claimed", "claimed by hand"),
                        ],
                        max_length=16,
                    ),
                ),
                ("source", models.TextField()),
                ("created_at", models.DateTimeField(db_default=Now())),
                ("owner", models.UUIDField(help_text="of a claimed one: id of the job", null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=Q(owner__isnull=False), fields=["slot"], name="claimed_slots"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(owner__isnull=False, reason="claimed")
                        | (~Q(reason="claimed") & Q(owner=None)),
                        name="claimed_numbers_have_an_owner",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_default=Now())),
                ("actor", models.CharField(help_text="name of the user", max_length=150)),
                ("action", models.CharField(max_length=64)),
                ("subject", models.CharField(max_length=64)),
                ("reason", models.TextField()),
            ],
            options={
                "verbose_name_plural": "audit entries",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(condition=~Q(reason=""), name="audit_entry_has_a_reason")
                ],
            },
        ),
        migrations.CreateModel(
            name="Renewal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slot", models.BigIntegerField(help_text="packed slot of the card")),
                ("psn", models.PositiveSmallIntegerField(help_text="1 for the first renewal")),
                ("expiry", models.DateField(help_text="last day of the expiry month")),
                ("cvv", models.CharField(max_length=4)),
                ("created_at", models.DateTimeField(db_default=Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("slot", "psn"), name="one_renewal_per_sequence"
                    ),
                    models.CheckConstraint(condition=Q(psn__range=(1, 99)), name="psn_is_1_to_99"),
                ],
            },
        ),
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
                        condition=Q(version__gt=0), name="filters_were_sealed_once"
                    )
                ],
            },
        ),
    ]
