"""Quotas: how much a user or an API key may order, and the little that is not counted in jobs."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from toolkit.wording import counted

MOST_CARDS = 10**12
MOST_JOBS = 10**6


class Quota(models.Model):
    """Limits of one user or of one API key.

    In both limits 0 is none at all; null leaves a user the setting and a key without a limit.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="quota",
    )
    # Not a foreign key: API keys belong to the layer above.
    api_key_id = models.BigIntegerField("API key", null=True, blank=True, unique=True)
    cards_per_day = models.PositiveBigIntegerField(
        null=True,
        blank=True,
        help_text="0: no limit; empty: the setting for users, no limit for keys. Days are UTC.",
    )
    active_jobs = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="jobs that have not ended, at one time; 0 and empty as above",
    )
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="quota_is_of_one_user_or_key",
                condition=Q(user=None, api_key_id__isnull=False)
                | Q(user__isnull=False, api_key_id=None),
            ),
            models.CheckConstraint(
                name="quota_fits_a_header",
                condition=Q(cards_per_day=None) | Q(cards_per_day__lte=MOST_CARDS),
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.user}" if self.user else f"API key {self.api_key_id}"


class TakenAtOnce(models.Model):
    """Cards of a UTC day that ended with their request: renewals and small orders.

    Jobs are counted by their rows; these would be too many to count for each order. `stripe` keeps
    transactions of one user from waiting for each other's row: it is another one for each.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="taken_at_once"
    )
    api_key_id = models.BigIntegerField(null=True)
    day = models.DateField()
    stripe = models.PositiveSmallIntegerField()
    cards = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_count_per_stripe",
                fields=["owner", "day", "api_key_id", "stripe"],
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{counted(self.cards, 'card')} on {self.day}"
