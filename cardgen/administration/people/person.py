"""The pages of one user: role and teams, off and on, a new password to hand over."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cardgen.access.account.quota import quota_of
from cardgen.access.people import change_role, new_password, role_of, set_teams, switch_user
from cardgen.administration.people.finding import described
from cardgen.administration.people.forms import PersonForm
from cardgen.administration.posting import posted
from cardgen.administration.reasons import SwitchForm, ask
from toolkit.actor import actor_of
from toolkit.refusals import Refusal
from toolkit.rights import MEANINGS, Right

_METHODS = ["GET", "HEAD", "POST"]
_OFF = (
    "Their sessions and API keys end at once, and what they have begun to fetch ends within half a"
    " minute. Their jobs go on, and stay theirs. You can switch them on again."
)
_ON = "They can sign in again with their old password, and their API keys work again."
_A_NEW_ONE = (
    "The old one ends at once, and wherever they are signed in they are signed out. Their API keys"
    " work on. The new one is shown to you once, and they choose their own when they sign in with"
    " it; nobody can bring the old one back."
)


@never_cache
@require_http_methods(_METHODS)
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show a user, and change their role and teams."""
    found = _found(user_id)
    form = _form(request, found, data=posted(request))
    if form.is_bound and form.is_valid() and _changed(request, found, form):
        messages.success(request, f"{found.get_username()} is changed.")
        return redirect("person-page", user_id=found.pk)
    return _page(request, found, form=form, status=422 if form.errors else 200)


@never_cache
@require_http_methods(_METHODS)
def switch(request: HttpRequest, user_id: int) -> HttpResponse:
    """Ask why, then switch a user off or on."""
    found = _found(user_id)
    form = SwitchForm(posted(request), on=not found.is_active)
    on = form.turns_on
    if form.is_valid() and _switched(request, found, form):
        name = found.get_username()
        messages.success(request, f"{name} may sign in again." if on else f"{name} is off.")
        return redirect("person-page", user_id=found.pk)
    verb, words = ("Switch on", _ON) if on else ("Switch off", _OFF)
    return _sure(request, found, verb=verb, words=words, form=form)


@never_cache
@require_http_methods(_METHODS)
def password(request: HttpRequest, user_id: int) -> HttpResponse:
    """Ask whether it is meant, then show a new password, this once."""
    found = _found(user_id)
    if request.method != "POST":
        return _sure(request, found, verb="Make a new password", words=_A_NEW_ONE)
    try:
        made = new_password(found, actor=actor_of(request))
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect("person-page", user_id=found.pk)
    return _page(request, found, form=_form(request, found), password=made)


def _found(user_id: int) -> User:
    users = User.objects.prefetch_related("groups", "teams")
    found: User = get_object_or_404(users, pk=user_id)
    return found


def _form(request: HttpRequest, found: User, *, data: QueryDict | None = None) -> PersonForm:
    initial = {"role": role_of(found) or "", "teams": found.teams.all()}
    return PersonForm(data, own=request.user.pk == found.pk, initial=initial)


def _changed(request: HttpRequest, found: User, form: PersonForm) -> bool:
    asked, actor = form.cleaned_data, actor_of(request)
    try:
        with transaction.atomic():
            if "role" in asked:
                change_role(found, asked["role"], actor=actor)
            if "teams" in asked:
                set_teams(found, asked["teams"], actor=actor)
    except Refusal as refusal:
        form.add_error("role" if "role" in asked else None, refusal.detail)
        return False
    return True


def _switched(request: HttpRequest, found: User, form: SwitchForm) -> bool:
    try:
        switch_user(found, **form.cleaned_data, actor=actor_of(request))
    except Refusal as refusal:
        form.add_error("reason", refusal.detail)
        return False
    return True


def _page(request: HttpRequest, found: User, *, status: int = 200, **shown: Any) -> HttpResponse:
    ((_, role),) = described([found])
    given = found.user_permissions.values_list("codename", flat=True)
    context = {
        "person": found,
        "role": role,
        "own": request.user.pk == found.pk,
        "alone": [(right, MEANINGS[right]) for right in Right if right in set(given)],
        "live_keys": found.api_keys.filter(revoked_at=None).count(),
    }
    context |= quota_of(found)
    return render(request, "person.html", context | shown, status=status)


def _sure(request: HttpRequest, found: User, *, form: Any = None, **shown: str) -> HttpResponse:
    back = reverse("person-page", args=[found.pk])
    return ask(request, subject=found.get_username(), back=back, form=form, **shown)
