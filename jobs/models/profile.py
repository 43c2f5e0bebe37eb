"""Profiles: orders saved under a name."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast, Length, Lower, Now
from django.db.models.lookups import LessThanOrEqual

from jobs.models.team import Team

LONGEST_PROFILE_NAME = 80
MOST_PROFILES = 100
LONGEST_BODY = 16_384
"""Characters of its JSON."""


class OrderProfile(models.Model):
    """An order that its owner saved, as the API takes it; seen by the team that it is for.

    `place` is what bounds their number: an owner has so many places, and each holds one.
    """

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="order_profiles",
        db_index=False,
    )
    team = models.ForeignKey(
        Team, null=True, on_delete=models.PROTECT, related_name="order_profiles", db_index=False
    )
    place = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=LONGEST_PROFILE_NAME)
    body = models.JSONField(help_text="of the order, as POST /api/v1/cards/generate-async takes it")
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(
                name="profile_by_team", fields=["team", "-id"], condition=Q(team__isnull=False)
            )
        ]
        constraints = [
            models.UniqueConstraint("owner", Lower("name"), name="one_profile_per_name"),
            models.UniqueConstraint(name="one_profile_per_place", fields=["owner", "place"]),
            models.CheckConstraint(
                name="profile_has_one_of_so_many_places",
                condition=Q(place__range=(0, MOST_PROFILES - 1)),
            ),
            # Digits alone are an id.
            models.CheckConstraint(
                name="profile_has_a_name",
                condition=Q(name__regex=r"^\S(.*\S)?$") & Q(name__regex="[^0-9]"),
            ),
            models.CheckConstraint(
                name="profile_is_not_longer_than_an_order",
                condition=LessThanOrEqual(Length(Cast("body", models.TextField())), LONGEST_BODY),
            ),
        ]

    def __str__(self) -> str:
        return self.name
