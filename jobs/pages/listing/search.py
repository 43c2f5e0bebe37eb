"""What the list of jobs is narrowed to; it stands in the page's address, so it can be kept."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet

from generation.schemes import catalogue
from jobs import watching
from jobs.models import LONGEST_NAME, Item, Job, Status
from toolkit.known_names import KnownNameField
from toolkit.rights import Right, has_right
from uniqueness.numbers import holds_card_number

Jobs = QuerySet[Job]
_OF_TEAM = "team:"
_HEX, _FEWEST = 32, 6
"""Digits of a whole id, and from how many on a word may be the beginning of one."""


class JobSearch(forms.Form):
    """The filters of the list; all may be empty."""

    q = forms.CharField(max_length=200, required=False, label="Search")
    status = KnownNameField(thing="status", choices=[("", "Any"), *Status.choices])
    scheme = KnownNameField(thing="scheme")
    whose = KnownNameField(thing="team")
    owner = forms.CharField(max_length=150, required=False)
    key = forms.IntegerField(min_value=1, max_value=2**31, required=False)
    hour = forms.DateTimeField(required=False)

    def __init__(self, data: Any, *, user: User) -> None:
        """Offer the teams of the user, and everybody's jobs to who may see them."""
        super().__init__(data)
        self.user = user
        self.sees_all = has_right(user, Right.ALL_JOBS)
        self._choose("scheme", [("", "Any"), *_schemes()])
        self._choose("whose", list(self._holders()))
        self.fields["whose"].why = self._wrong_holder  # type: ignore[attr-defined]

    def clean_q(self) -> str:
        """Refuse card numbers: addresses are kept in logs and histories.

        :raises ValidationError: if one seems to stand there
        """
        text: str = self.cleaned_data["q"]
        if holds_card_number(text):
            raise forms.ValidationError(
                "That looks like a card number. Addresses are kept in logs: look it up under"
                " Check a number instead."
            )
        return text

    def clean_owner(self) -> str:
        """Refuse a user who is not there, where all jobs may be asked for.

        :raises ValidationError: says who may be meant
        """
        name: str = self.cleaned_data["owner"]
        if self.sees_all and name and (wrong := watching.wrong_owner(name, user=self.user)):
            raise forms.ValidationError(wrong)
        return name

    def jobs(self, everybodys: Callable[[User], Jobs] = watching.visible_to) -> Jobs:
        """Return the jobs that match, none if a filter says nothing that there is.

        :param everybodys: the jobs of others that may be among them
        """
        if not self.is_valid():
            return Job.objects.none()
        asked = self.cleaned_data
        wanted = {"status": asked["status"], "api_key_id": asked["key"]}
        wanted |= {"owner__username": asked["owner"]} if self.sees_all else {}
        found = self._of_whom(everybodys).filter(**{k: v for k, v in wanted.items() if v})
        return _in_hour(_of_scheme(_named(found, asked["q"]), asked["scheme"]), asked["hour"])

    @property
    def unfolds(self) -> bool:
        """Tell whether the orders of one key and hour are asked for, one by one."""
        return self.is_valid() and bool(self.cleaned_data["hour"])

    @property
    def chosen(self) -> dict[str, str]:
        """The filters that are set, as they were written."""
        return {name: self.data[name] for name in self.fields if self.data.get(name)}

    @property
    def hidden(self) -> dict[str, str]:
        """Those that a folded line set, for which the form has no field."""
        return {name: value for name, value in self.chosen.items() if name in ("key", "hour")}

    @property
    def query(self) -> str:
        """The filters as a query."""
        return urlencode(self.chosen)

    def _of_whom(self, everybodys: Callable[[User], Jobs]) -> Jobs:
        whose, user = self.cleaned_data["whose"], self.user
        if whose == "all" or (self.sees_all and self.cleaned_data["owner"]):
            return everybodys(user)
        if whose == "mine":
            return Job.objects.filter(owner=user)
        own = watching.own_jobs(user)
        return own.filter(team__name=whose.removeprefix(_OF_TEAM)) if whose else own

    def _wrong_holder(self, value: str) -> str:
        """Say what a team is called now, or which of the user's may be meant."""
        team = value.removeprefix(_OF_TEAM)
        return "" if team == value else watching.wrong_team(team, user=self.user)

    def _holders(self) -> Iterator[tuple[str, str]]:
        yield "", "Mine and my teams'"
        yield "mine", "Mine alone"
        for name in watching.team_names(self.user):
            yield f"{_OF_TEAM}{name[:LONGEST_NAME]}", f"Team {name}"
        if self.sees_all:
            yield "all", "Everybody's"

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices


def _schemes() -> list[tuple[str, str]]:
    return sorted(((s.code, s.name) for s in catalogue().values()), key=lambda pair: pair[1])


def _named(jobs: Jobs, text: str) -> Jobs:
    if not text:
        return jobs
    return jobs.filter(Q(label__icontains=text) | _begins(text))


def _begins(text: str) -> Q:
    """Ids that begin so; none for what cannot be the beginning of one."""
    digits = text.replace("-", "").lower()
    if not _FEWEST <= len(digits) <= _HEX or set(digits) - set("0123456789abcdef"):
        return Q(pk__in=[])
    return Q(id__range=(UUID(digits.ljust(_HEX, "0")), UUID(digits.ljust(_HEX, "f"))))


def _of_scheme(jobs: Jobs, scheme: str) -> Jobs:
    items = Item.objects.filter(job=OuterRef("pk"), issuer_range__scheme=scheme)
    return jobs.filter(Exists(items)) if scheme else jobs


def _in_hour(jobs: Jobs, hour: datetime | None) -> Jobs:
    if hour is None:
        return jobs
    return jobs.filter(created_at__gte=hour, created_at__lt=hour + timedelta(hours=1))
