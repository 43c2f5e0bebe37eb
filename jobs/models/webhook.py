"""Webhooks and what is to be sent to them. The delivery rows are the outbox."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

MAX_URL = 2_000


class Event(models.TextChoices):
    """What a webhook can be told."""

    JOB_FINISHED = "job.finished"
    ANOMALY_FOUND = "anomaly.found"  # for operators only


CHALLENGE = "webhook.challenge"
"""The first message of a webhook, by whose answer its owner shows to control the URL."""

TEST = "webhook.test"
"""A message that the owner asks for, to see that messages arrive and are read."""


class Webhook(models.Model):
    """An address that one user's jobs are reported to."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks"
    )
    url = models.CharField(max_length=MAX_URL)
    events = ArrayField(models.CharField(max_length=32, choices=Event.choices))
    sealed_secret = models.TextField(help_text="encrypted under a key from the master key")
    created_at = models.DateTimeField(db_default=Now())
    verified_at = models.DateTimeField(null=True, help_text="when it answered the challenge")
    failed = models.PositiveIntegerField(db_default=0, help_text="deliveries in a row")
    stopped_at = models.DateTimeField(null=True, help_text="since when nothing is sent")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="webhook_is_told_something", condition=Q(events__len__gte=1)
            ),
            models.CheckConstraint(
                name="webhook_speaks_http", condition=Q(url__regex="^https?://")
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class DeliveryState(models.TextChoices):
    """States of a delivery."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Delivery(models.Model):
    """One event for one webhook; `epoch` fences a sender that comes late.

    Taking a delivery moves `not_before` past the time that sending can take, so that a sender that
    dies loses nothing.
    """

    id = models.BigAutoField(primary_key=True)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    job = models.ForeignKey(
        "jobs.Job", on_delete=models.CASCADE, null=True, related_name="deliveries"
    )
    message = models.JSONField(
        null=True, encoder=DjangoJSONEncoder, help_text="what is sent if it is of no job"
    )
    event = models.CharField(
        max_length=32, choices=[*Event.choices, (CHALLENGE, "Challenge"), (TEST, "Test")]
    )
    state = models.CharField(
        max_length=9, choices=DeliveryState.choices, db_default=DeliveryState.WAITING
    )
    epoch = models.IntegerField(db_default=0)
    attempts = models.PositiveSmallIntegerField(db_default=0)
    not_before = models.DateTimeField(db_default=Now(), help_text="next attempt")
    last_status = models.PositiveSmallIntegerField(null=True, help_text="HTTP status")
    error = models.TextField(db_default="", blank=True, help_text="of the last attempt")
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                name="delivery_next",
                fields=["webhook", "not_before", "id"],
                condition=Q(state="waiting"),
            ),
            models.Index(name="delivery_by_webhook", fields=["webhook", "-id"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="delivery_is_of_a_job_or_a_message",
                condition=Q(job=None, message__isnull=False) | Q(job__isnull=False, message=None),
            ),
            models.CheckConstraint(
                name="delivery_has_an_end_unless_it_waits",
                condition=Q(state="waiting", finished_at=None)
                | (~Q(state="waiting") & Q(finished_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk} of {self.event}"


class WebhookDay(models.Model):
    """How many messages an owner's webhooks sent to a host on a day (UTC)."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    host = models.TextField()
    sent = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_count_for_an_owner_a_day_and_a_host", fields=["owner", "day", "host"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.sent} to {self.host} on {self.day}"
