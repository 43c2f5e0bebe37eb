"""Teams in the admin: administrators make them and say who is in them."""

from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest

from jobs.models import Team
from toolkit.actor import actor_of
from toolkit.admin import Window
from uniqueness import trail

_BEFORE = "cardgen.team_before"


@admin.register(Team)
class TeamAdmin(Window):
    """Teams are emptied, never deleted: jobs name them. A name stays, for scripts order by it."""

    list_display = ["name", "size"]
    search_fields = ["name"]
    fields = ["name", "members"]
    filter_horizontal = ["members"]
    ordering = ["name"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Count the members of all teams at once."""
        return super().get_queryset(request).annotate(size=Count("members"))

    @admin.display(description="members")
    def size(self, team: Any) -> int:
        """How many are in it."""
        return int(team.size)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The name is chosen once."""
        return ["name"] if obj else []

    def save_model(self, request: HttpRequest, obj: Team, form: Any, change: Any) -> None:
        """Save, and remember who was in it."""
        request.META[_BEFORE] = _state(obj) if change else None
        super().save_model(request, obj, form, change)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write it down in the audit trail as well."""
        _note(request, obj, action="make_team")
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write it down in the audit trail as well."""
        _note(request, obj, action="change_team")
        return super().log_change(request, obj, message)


def _note(request: HttpRequest, team: Team, *, action: str) -> None:
    trail.note(
        actor=actor_of(request),
        action=action,
        subject=f"team {team.name}",
        reason="by a form of the admin",
        before=request.META.get(_BEFORE),
        after=_state(team),
    )


def _state(team: Team) -> dict[str, Any]:
    return {"members": list(team.members.order_by("username").values_list("username", flat=True))}
