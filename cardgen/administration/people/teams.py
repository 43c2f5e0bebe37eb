"""The pages of teams: make one, rename it, say who is in it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from cardgen.access.people import add_members, make_team, remove_member, rename_team
from cardgen.administration.people.forms import MembersForm, NewTeamForm
from cardgen.administration.posting import posted
from cardgen.administration.reasons import ask
from jobs.models import Team
from toolkit.actor import actor_of
from toolkit.refusals import Refusal

_METHODS = ["GET", "HEAD", "POST"]
_A_NEW_NAME = (
    "Jobs, profiles and pages show the new name at once. Scripts that order for the old one are"
    " refused, and told the new one. No other team ever gets the old one; this one may have it"
    " again."
)


@never_cache
@require_http_methods(_METHODS)
def teams(request: HttpRequest) -> HttpResponse:
    """List all teams, and make one."""
    form = NewTeamForm(posted(request))
    made = _made(request, form) if form.is_bound and form.is_valid() else None
    if made:
        messages.success(request, f"The team {made} is made. Say who is in it.")
        return redirect("team-page", team_id=made.pk)
    found = Team.objects.annotate(size=Count("members")).order_by("name")
    context = {"form": form, "teams": found}
    return render(request, "teams.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(_METHODS)
def team(request: HttpRequest, team_id: int) -> HttpResponse:
    """Show who is in a team, and add users."""
    found = get_object_or_404(Team, pk=team_id)
    form = MembersForm(posted(request))
    if form.is_bound and form.is_valid() and _added(request, found, form):
        messages.success(request, f"{', '.join(form.cleaned_data['names'])}: in the team now.")
        return redirect("team-page", team_id=found.pk)
    members = found.members.order_by("username")
    context: dict[str, Any] = {"team": found, "form": form, "members": members}
    context["before"] = found.names.exclude(name=found.name).order_by("name")
    return render(request, "team.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(_METHODS)
def rename(request: HttpRequest, team_id: int) -> HttpResponse:
    """Say what a new name does, then give it to a team."""
    found = get_object_or_404(Team, pk=team_id)
    form = NewTeamForm(posted(request), initial={"name": found.name})
    if form.is_bound and form.is_valid() and _renamed(request, found, form):
        name = form.cleaned_data["name"]
        messages.success(request, f"The team {found.name} is called {name} now.")
        return redirect("team-page", team_id=found.pk)
    back = reverse("team-page", args=[found.pk])
    subject = f"Team {found.name}"
    return ask(request, subject=subject, verb="Rename", words=_A_NEW_NAME, back=back, form=form)


@never_cache
@require_POST
def leave(request: HttpRequest, team_id: int, user_id: int) -> HttpResponse:
    """Take a user out of a team."""
    found = get_object_or_404(Team, pk=team_id)
    user = get_object_or_404(User, pk=user_id)
    remove_member(found, user, actor=actor_of(request))
    messages.success(request, f"{user.get_username()} is out of the team.")
    return redirect("team-page", team_id=found.pk)


def _made(request: HttpRequest, form: NewTeamForm) -> Team | None:
    try:
        return make_team(name=form.cleaned_data["name"], actor=actor_of(request))
    except Refusal as refusal:
        form.add_error("name", refusal.detail)
        return None


def _renamed(request: HttpRequest, found: Team, form: NewTeamForm) -> bool:
    try:
        rename_team(found, name=form.cleaned_data["name"], actor=actor_of(request))
    except Refusal as refusal:
        form.add_error("name", refusal.detail)
        return False
    return True


def _added(request: HttpRequest, found: Team, form: MembersForm) -> bool:
    try:
        add_members(found, form.cleaned_data["names"], actor=actor_of(request))
    except Refusal as refusal:
        form.add_error("names", refusal.detail)
        return False
    return True
