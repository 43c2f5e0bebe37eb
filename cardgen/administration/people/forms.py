"""Forms of people and teams; the services decide what can be."""

from typing import Any

from django import forms
from django.contrib.auth.models import User

from jobs.models import LONGEST_NAME, Team
from toolkit.known_names import KnownNameField
from toolkit.rights import Role

_MEANINGS = {
    Role.VIEWER: "sees own jobs, not their cards",
    Role.TESTER: "orders cards, fetches them, makes own keys: for most people",
    Role.OPERATOR: "sees and controls the jobs of everybody, pauses the queue",
    Role.ADMINISTRATOR: "all of it, and users, ranges, tiers, quotas, exclusions",
}
_ROLES = [
    *((role.value, f"{role.value}: {meaning}") for role, meaning in _MEANINGS.items()),
    ("", "none yet: signs in and may do nothing"),
]
_MOST_NAMES = 10_000
NONE, OFF = "none", "off"


class RoleField(forms.ChoiceField):
    """One role, or none yet."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=_ROLES, widget=forms.RadioSelect, required=False, **options)

    def clean(self, value: Any) -> Role | None:
        """Return the role."""
        chosen = super().clean(value)
        return Role(chosen) if chosen else None


class NewPersonForm(forms.Form):
    """A user to be made; the password is not typed by anybody."""

    name = forms.CharField(
        max_length=150,
        label="Name",
        help_text="what they sign in with: letters, digits and @ . + - _",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    role = RoleField(label="Role", initial=Role.TESTER)


class PersonForm(forms.Form):
    """Role and teams of a user; nobody gives themselves another role."""

    role = RoleField(label="Role")
    teams = forms.ModelMultipleChoiceField(
        Team.objects.order_by("name"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Teams",
    )

    def __init__(self, data: Any, *, own: bool, **options: Any) -> None:
        """Leave out what cannot be chosen."""
        super().__init__(data, **options)
        if own:
            del self.fields["role"]
        if not Team.objects.exists():
            del self.fields["teams"]


class FindPeopleForm(forms.Form):
    """Whom to list."""

    q = forms.CharField(max_length=150, required=False, label="Name begins with")
    which = KnownNameField(
        thing="group",
        choices=[
            ("", "Everybody"),
            *((role.value, f"Role {role.value}") for role in Role),
            (NONE, "Without a role"),
            (OFF, "Switched off"),
        ],
        label="Who",
    )
    after = forms.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, widget=forms.HiddenInput
    )


class NewTeamForm(forms.Form):
    """A team to be made, or its new name."""

    name = forms.CharField(
        max_length=LONGEST_NAME, label="Name", help_text=Team.name.field.help_text
    )


class MembersForm(forms.Form):
    """Who comes into a team."""

    names = forms.CharField(
        max_length=_MOST_NAMES,
        label="Names of users",
        help_text="one or more, with spaces or commas between them",
    )

    def clean_names(self) -> list[str]:
        """Take them apart."""
        given: str = self.cleaned_data["names"]
        return [User.normalize_username(name) for name in given.replace(",", " ").split()]
