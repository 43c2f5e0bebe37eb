"""Teams: who shares jobs with whom."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from uniqueness.numbers import holds_card_number

LONGEST_NAME = 40
_NAME = rf"[a-z0-9][a-z0-9-]{{0,{LONGEST_NAME - 1}}}"

NAME_TAKEN = "A team has that name, or had it before it was renamed."


def holds_no_card_number(name: str) -> None:
    """Refuse a name that holds one.

    :raises ValidationError: if it does
    """
    if holds_card_number(name):
        raise ValidationError("A card number seems to stand in the name, which is kept and shown.")


class Team(models.Model):
    """Users who share the jobs that are ordered for the team."""

    name = models.CharField(
        max_length=LONGEST_NAME,
        unique=True,
        validators=[
            RegexValidator(rf"\A{_NAME}\Z", "Use a to z, 0 to 9 and -, first no -."),
            holds_no_card_number,
        ],
        help_text="1 to 40 characters: a to z, 0 to 9 and -.",
    )
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="teams")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="team_has_a_plain_name", condition=Q(name__regex=f"^{_NAME}$")
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Say it if another team has or had the name; the database decides.

        :raises ValidationError: then
        """
        others = TeamName.objects.filter(name=self.name).exclude(team_id=self.pk)
        if others.exists():
            raise ValidationError({"name": NAME_TAKEN})


class TeamName(models.Model):
    """A name that a team has or had: a trigger of the database writes it down, and it stays.

    Scripts order by name. An old name of other people's team would hand them those cards.
    """

    name = models.CharField(max_length=LONGEST_NAME, primary_key=True)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="names")

    def __str__(self) -> str:
        return self.name
