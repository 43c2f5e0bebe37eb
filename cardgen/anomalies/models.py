"""What was found, and what is known of each key's normal use. No number stands in any of it."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from cardgen.access.models import ApiKey


class Anomaly(models.Model):
    """Something unlike normal use; a rule says it once a day of the same subject."""

    rule = models.CharField(max_length=32)
    subject = models.CharField(max_length=128, help_text="key 12, user ann, network 192.0.2.0/24")
    day = models.DateField()
    at = models.DateTimeField(db_default=Now())
    detail = models.TextField()
    facts = models.JSONField(default=dict)
    api_key = models.ForeignKey(ApiKey, on_delete=models.SET_NULL, null=True, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    suspended = models.BooleanField(default=False, help_text="the key was suspended for it")
    throttled = models.BooleanField(default=False, help_text="the key was slowed down for it")

    class Meta:
        verbose_name_plural = "anomalies"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="anomaly_is_told_once_a_day", fields=["rule", "subject", "day"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.subject}"


class KeyHour(models.Model):
    """How many requests came with a key in an hour: its history, kept for 30 days."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+")
    hour = models.DateTimeField()
    requests = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_count_per_key_and_hour", fields=["api_key", "hour"])
        ]

    def __str__(self) -> str:
        return f"{self.requests} requests with key {self.api_key_id}"


class KeyNetwork(models.Model):
    """A network that a key was used from: the first 24 bits of an address, or 48 of IPv6."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+")
    network = models.CharField(max_length=64)
    first_seen = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_row_per_key_and_network", fields=["api_key", "network"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.network} of key {self.api_key_id}"
