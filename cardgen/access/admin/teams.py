"""Teams in the admin: administrators make them and say who is in them."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, ManyToManyField
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest

from cardgen.access.admin.noted import Noted
from cardgen.access.people import state_of_team
from jobs.models import Team


@admin.register(Team)
class TeamAdmin(Noted):
    """Teams are emptied, never deleted: jobs name them. The page of a team renames it."""

    noun = "team"
    list_display = ["name", "size"]
    search_fields = ["name"]
    fields = ["name", "members"]
    formfield_overrides = {ManyToManyField: {"widget": CheckboxSelectMultiple}}
    ordering = ["name"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Count the members of all teams at once."""
        return super().get_queryset(request).annotate(size=Count("members"))

    @admin.display(description="members")
    def size(self, team: Any) -> int:
        """How many are in it."""
        return int(team.size)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Orders and profiles follow a new name: the page of the team takes care of them."""
        return ["name"] if obj else []

    def state(self, row: Team) -> dict[str, Any]:
        """Who is in it."""
        return state_of_team(row)
