import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Now


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("generation", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("label", models.CharField(blank=True, max_length=200)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("paused", "Paused"),
                            ("cancelling", "Cancelling"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=16,
                    ),
                ),
                ("requested", models.BigIntegerField()),
                ("produced", models.BigIntegerField(default=0)),
                ("version", models.BigIntegerField(default=1)),
                ("error_code", models.CharField(blank=True, max_length=64)),
                ("error", models.TextField(blank=True)),
                (
                    "first_month",
                    models.IntegerField(help_text="earliest expiry, year * 12 + month - 1"),
                ),
                ("months", models.IntegerField(help_text="number of expiry months to choose from")),
                (
                    "cvv",
                    models.CharField(
                        blank=True, help_text="the same for every card, if set", max_length=4
                    ),
                ),
                (
                    "cardholder_name",
                    models.CharField(
                        blank=True, help_text="the same for every card, if set", max_length=26
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=Now())),
                ("started_at", models.DateTimeField(null=True)),
                (
                    "progressed_at",
                    models.DateTimeField(help_text="when the last chunk was committed", null=True),
                ),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=models.PROTECT, related_name="jobs", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "fields",
                    ArrayField(
                        base_field=models.CharField(max_length=32),
                        blank=True,
                        default=list,
                        help_text="none: the usual ones",
                        size=None,
                    ),
                ),
                (
                    "defect",
                    models.CharField(
                        blank=True, help_text="what is wrong with the cards", max_length=16
                    ),
                ),
                (
                    "month",
                    models.IntegerField(
                        default=0, help_text="what counts as now, year * 12 + month - 1"
                    ),
                ),
                ("distinct_last_four", models.BooleanField(default=False)),
                (
                    "address",
                    models.CharField(
                        blank=True, help_text="the same for every card, if set", max_length=40
                    ),
                ),
                ("pin_length", models.PositiveSmallIntegerField(default=4, help_text="digits")),
                (
                    "postcode",
                    models.CharField(
                        blank=True, help_text="the same for every card, if set", max_length=10
                    ),
                ),
                (
                    "service_code",
                    models.CharField(
                        blank=True, help_text="the same for every card, if set", max_length=3
                    ),
                ),
                (
                    "purged_at",
                    models.DateTimeField(help_text="when its cards were deleted", null=True),
                ),
                ("sequential", models.BooleanField(default=False, help_text="numbers count up")),
                (
                    "deadline",
                    models.DateTimeField(
                        help_text="fails if it is not finished by then", null=True
                    ),
                ),
                (
                    "fingerprint",
                    models.BinaryField(
                        default=b"", help_text="SHA-256 of the request", max_length=32
                    ),
                ),
                ("idempotency_key", models.CharField(max_length=255, null=True)),
                ("idempotency_route", models.CharField(blank=True, max_length=64)),
                (
                    "priority",
                    models.CharField(
                        choices=[("low", "Low"), ("normal", "Normal"), ("high", "High")],
                        db_default="normal",
                        default="normal",
                        max_length=8,
                    ),
                ),
                (
                    "api_key_id",
                    models.BigIntegerField(help_text="of the API key that ordered it", null=True),
                ),
                (
                    "counted_before",
                    models.BigIntegerField(db_default=0, help_text="cards of earlier days"),
                ),
                (
                    "counted_from",
                    models.DateTimeField(db_default=Now(), help_text="the day its cards count on"),
                ),
                (
                    "running_from",
                    models.BigIntegerField(db_default=0, help_text="cards it had by then"),
                ),
                (
                    "running_since",
                    models.DateTimeField(help_text="when it last began or went on", null=True),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["owner", "-created_at", "-id"], name="job_by_owner"),
                    models.Index(fields=["-created_at", "-id"], name="job_by_age"),
                    models.Index(
                        condition=Q(status__in=["queued", "running"]),
                        fields=["created_at"],
                        name="job_active",
                    ),
                    models.Index(fields=["owner", "counted_from"], name="job_counted"),
                    models.Index(
                        condition=Q(status__in=["queued", "running", "paused", "cancelling"]),
                        fields=["owner"],
                        name="job_unended",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "idempotency_route", "idempotency_key"),
                        name="one_job_per_idempotency_key",
                    ),
                    models.CheckConstraint(
                        condition=Q(requested__gte=1), name="job_asks_for_a_card"
                    ),
                    models.CheckConstraint(
                        condition=Q(produced__range=(0, F("requested"))),
                        name="job_never_overproduces",
                    ),
                    models.CheckConstraint(
                        condition=Q(counted_before__range=(0, F("produced"))),
                        name="job_counts_no_card_twice",
                    ),
                    models.CheckConstraint(
                        condition=~Q(status="succeeded") | Q(produced=F("requested")),
                        name="job_succeeds_only_when_complete",
                    ),
                    models.CheckConstraint(
                        condition=Q(address="")
                        | Q(
                            address__regex="^([A-Za-z0-9]([A-Za-z0-9 .'#/&()_-]{0,38}[A-Za-z0-9.)])?)$"
                        ),
                        name="job_has_a_plain_address",
                    ),
                    models.CheckConstraint(
                        condition=Q(postcode="")
                        | Q(postcode__regex="^([A-Za-z0-9]([A-Za-z0-9 -]{0,8}[A-Za-z0-9])?)$"),
                        name="job_has_a_plain_postcode",
                    ),
                    models.CheckConstraint(
                        condition=Q(service_code="")
                        | Q(service_code__regex="^([125679][024][0-7])$"),
                        name="job_has_a_service_code_of_iso_7813",
                    ),
                    models.CheckConstraint(
                        condition=Q(pin_length__range=(4, 12)),
                        name="job_has_a_pin_length_of_iso_9564",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Item",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("count", models.BigIntegerField()),
                (
                    "issuer_range",
                    models.ForeignKey(
                        on_delete=models.PROTECT, related_name="+", to="generation.issuerrange"
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="items", to="jobs.job"
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("job", "position"), name="one_item_per_position"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Chunk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_slot", models.BigIntegerField(help_text="packed")),
                ("end_slot", models.BigIntegerField(help_text="packed, not included")),
                (
                    "wanted",
                    models.IntegerField(help_text="slots less the exclusions known at reservation"),
                ),
                ("produced", models.IntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("dropped", "Dropped"),
                            ("purged", "Purged"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("epoch", models.IntegerField(default=0)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("not_before", models.DateTimeField(db_default=Now(), help_text="next attempt")),
                ("lease_until", models.DateTimeField(null=True)),
                ("worker", models.CharField(blank=True, max_length=200)),
                (
                    "error",
                    models.TextField(blank=True, help_text="of the last attempt that failed"),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="chunks", to="jobs.item"
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="chunks", to="jobs.job"
                    ),
                ),
                (
                    "slots",
                    ArrayField(
                        base_field=models.BigIntegerField(),
                        help_text="the slots to mint, packed; null is all",
                        null=True,
                        size=None,
                    ),
                ),
                (
                    "backend_pid",
                    models.IntegerField(help_text="of the worker's database connection", null=True),
                ),
                (
                    "backend_start",
                    models.DateTimeField(help_text="a pid alone may be another's soon", null=True),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=Q(state="waiting"), fields=["job", "id"], name="chunk_waiting"
                    ),
                    models.Index(
                        condition=Q(state="running"), fields=["lease_until"], name="chunk_leases"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(slots=None, state__in=["waiting", "running", "done"]),
                        fields=("first_slot",),
                        name="one_live_chunk_per_slot",
                    ),
                    models.CheckConstraint(
                        condition=Q(produced__range=(0, F("wanted"))),
                        name="chunk_never_overproduces",
                    ),
                    models.CheckConstraint(
                        condition=Q(wanted__gte=0, wanted__lte=F("end_slot") - F("first_slot")),
                        name="chunk_has_slots_for_all_wanted",
                    ),
                    models.CheckConstraint(
                        condition=Q(lease_until__isnull=False, state="running")
                        | (~Q(state="running") & Q(lease_until__isnull=True)),
                        name="chunk_has_a_lease_only_while_running",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Queue",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("paused", models.BooleanField(default=False)),
                ("reason", models.TextField(blank=True)),
                ("changed_by", models.CharField(blank=True, max_length=150)),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "verbose_name_plural": "queue",
                "constraints": [
                    models.CheckConstraint(condition=Q(id=1), name="there_is_one_queue")
                ],
            },
        ),
        migrations.CreateModel(
            name="Worker",
            fields=[
                (
                    "name",
                    models.CharField(
                        help_text="host:pid", max_length=200, primary_key=True, serialize=False
                    ),
                ),
                ("seen_at", models.DateTimeField()),
                (
                    "role",
                    models.CharField(
                        choices=[("worker", "Worker"), ("reconciler", "Reconciler")],
                        db_default="worker",
                        max_length=10,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Quota",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "api_key_id",
                    models.BigIntegerField(
                        blank=True, null=True, unique=True, verbose_name="API key"
                    ),
                ),
                (
                    "cards_per_day",
                    models.PositiveBigIntegerField(
                        blank=True,
                        help_text="0: no limit; empty: the setting for users, no limit for keys. Days are UTC.",
                        null=True,
                    ),
                ),
                (
                    "active_jobs",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="jobs that have not ended, at one time; 0 and empty as above",
                        null=True,
                    ),
                ),
                ("changed_by", models.CharField(max_length=150)),
                ("changed_at", models.DateTimeField(auto_now=True)),
                (
                    "user",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=models.CASCADE,
                        related_name="quota",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(api_key_id__isnull=False, user=None)
                        | Q(api_key_id=None, user__isnull=False),
                        name="quota_is_of_one_user_or_key",
                    ),
                    models.CheckConstraint(
                        condition=Q(cards_per_day=None) | Q(cards_per_day__lte=10**12),
                        name="quota_fits_a_header",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RenewalOrder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("api_key_id", models.BigIntegerField(null=True)),
                ("cards", models.PositiveIntegerField()),
                ("ordered_at", models.DateTimeField(db_default=Now())),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="renewal_orders",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["owner", "ordered_at"], name="renewals_of_a_day")],
            },
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("url", models.CharField(max_length=2000)),
                (
                    "events",
                    ArrayField(
                        base_field=models.CharField(
                            choices=[("job.finished", "Job Finished")], max_length=32
                        ),
                        size=None,
                    ),
                ),
                (
                    "sealed_secret",
                    models.TextField(help_text="encrypted under a key from the master key"),
                ),
                ("created_at", models.DateTimeField(db_default=Now())),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="webhooks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(events__len__gte=1), name="webhook_is_told_something"
                    ),
                    models.CheckConstraint(
                        condition=Q(url__regex="^https?://"), name="webhook_speaks_http"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "event",
                    models.CharField(choices=[("job.finished", "Job Finished")], max_length=32),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("delivered", "Delivered"),
                            ("failed", "Failed"),
                        ],
                        db_default="waiting",
                        max_length=9,
                    ),
                ),
                ("epoch", models.IntegerField(db_default=0)),
                ("attempts", models.PositiveSmallIntegerField(db_default=0)),
                ("not_before", models.DateTimeField(db_default=Now(), help_text="next attempt")),
                (
                    "last_status",
                    models.PositiveSmallIntegerField(help_text="HTTP status", null=True),
                ),
                (
                    "error",
                    models.TextField(blank=True, db_default="", help_text="of the last attempt"),
                ),
                ("created_at", models.DateTimeField(db_default=Now())),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="deliveries", to="jobs.job"
                    ),
                ),
                (
                    "webhook",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="deliveries", to="jobs.webhook"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "indexes": [
                    models.Index(
                        condition=Q(state="waiting"),
                        fields=["webhook", "not_before", "id"],
                        name="delivery_next",
                    ),
                    models.Index(fields=["webhook", "-id"], name="delivery_by_webhook"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(finished_at=None, state="waiting")
                        | (~Q(state="waiting") & Q(finished_at__isnull=False)),
                        name="delivery_has_an_end_unless_it_waits",
                    )
                ],
            },
        ),
    ]
