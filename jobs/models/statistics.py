"""How many cards were issued on a day: the little that statistics are read from."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from generation.models import IssuerRange
from jobs.models.team import Team
from toolkit.wording import counted


class DailyFigure(models.Model):
    """Cards of a UTC day, by owner, team and range.

    Triggers on chunks write it, in the transaction that issues the cards (migration 0013). No job
    is named, so figures outlive jobs and their cards. `stripe` keeps transactions from waiting for
    each other's row; 0 is what past days are added up in (jobs.statistics.folding).
    """

    day = models.DateField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    team = models.ForeignKey(
        Team, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    issuer_range = models.ForeignKey(
        IssuerRange, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    stripe = models.PositiveSmallIntegerField()
    cards = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(name="figures_by_day", fields=["day"]),
            models.Index(
                name="figures_by_team", fields=["team", "day"], condition=Q(team__isnull=False)
            ),
            models.Index(name="figures_to_fold", fields=["day"], condition=Q(stripe__gt=0)),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_figure_per_stripe",
                fields=["owner", "day", "issuer_range", "team", "stripe"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="figure_is_of_a_card", condition=Q(cards__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{counted(self.cards, 'card')} on {self.day}"
