"""The pages of profiles: list them, save a form as one, rename it, delete it."""

import json
import re
import shlex
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from jobs.models import OrderProfile
from jobs.orders import (
    delete_profile,
    order_in_words,
    own_profile,
    profile_of,
    profiles_of,
    rename_profile,
)
from jobs.pages.callers import user_of
from jobs.pages.order.code import Snippet, snippets
from jobs.pages.order.saving import SavingForm, name_of
from toolkit.refusals import Refusal
from toolkit.views import cut

_SHOWN = 50
_RECENT = 8
_ID = re.compile("[0-9]{1,11}")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def profiles_page(request: HttpRequest) -> HttpResponse:
    """List the user's profiles and their teams'; save an order form as one of the user's."""
    user = user_of(request)
    if request.method != "POST":
        return render(request, "profiles.html", _listed(request, user))
    saving = SavingForm.typed(request.POST)
    saved = saving.saved(user)
    if saved is None:
        shown = _listed(request, user) | {"saving": saving}
        return render(request, "profiles.html", shown, status=422)
    messages.success(request, f"Saved as the profile “{saved.name}”.")
    return redirect(f"{reverse('dashboard')}?profile={saved.pk}")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def profile_page(request: HttpRequest, profile_id: int) -> HttpResponse:
    """Show a profile and how to order from it; rename it."""
    user = user_of(request)
    if request.method != "POST":
        profile = profile_of(user, profile_id)
        return render(request, "profile.html", _one(request, profile, name=profile.name))
    profile, typed = own_profile(user, profile_id), request.POST.get("name", "")
    errors: dict[str, str] = {}
    name = name_of(typed, errors=errors)
    try:
        if not errors:
            rename_profile(profile, name=name)
            messages.success(request, f"Renamed to “{name}”.")
            return redirect("profile-page", profile_id=profile_id)
    except Refusal as refusal:
        errors["name"] = refusal.detail
    shown = _one(request, profile, name=typed) | {"errors": errors}
    return render(request, "profile.html", shown, status=422)


@never_cache
@require_POST
def delete(request: HttpRequest, profile_id: int) -> HttpResponse:
    """Delete a profile of the user."""
    profile = own_profile(user_of(request), profile_id)
    delete_profile(profile)
    messages.success(request, f"The profile “{profile.name}” is deleted.")
    return redirect("profiles-page")


def opened(request: HttpRequest) -> OrderProfile | None:
    """The profile that the order form is opened from; a posted form may outlive it.

    :raises Http404: if the user sees none such, and it is opened now
    """
    posted = request.method == "POST"
    given = (request.POST if posted else request.GET).get("profile", "")
    found = profiles_of(user_of(request)).filter(id=int(given)) if _is_id(given) else []
    profile = next(iter(found), None)
    if given and profile is None and not posted:
        raise Http404
    return profile


def recent(user: User) -> list[OrderProfile]:
    """Those of the user and their teams that changed last: what the order form offers."""
    return list(profiles_of(user).order_by("-changed_at", "-id")[:_RECENT])


def _is_id(text: str) -> bool:
    return bool(_ID.fullmatch(text))


def _listed(request: HttpRequest, user: User) -> dict[str, Any]:
    after = request.GET.get("after", "")
    found = profiles_of(user).order_by("-id")
    if _is_id(after):
        found = found.filter(id__lt=int(after))
    page = cut(list(found[: _SHOWN + 1]), limit=_SHOWN, cursor=lambda profile: profile.pk)
    rows = [(profile, order_in_words(profile.body)) for profile in page.rows]
    return {"rows": rows, "after": page.after, "first_page": not _is_id(after)}


def _one(request: HttpRequest, profile: OrderProfile, *, name: str) -> dict[str, Any]:
    url, inline_url = (
        request.build_absolute_uri(reverse(route)) for route in ("generate-async", "generate")
    )
    order = {"profile": profile.name}
    return {
        "profile": profile,
        "name": name,
        "orders": order_in_words(profile.body),
        "body": json.dumps(profile.body, indent=2, ensure_ascii=False),
        "snippets": [
            *snippets(order, url=url, inline_url=inline_url),
            Snippet(code="command", name="Command line", text=_command(profile, user_of(request))),
        ],
    }


def _command(profile: OrderProfile, user: User) -> str:
    """The command that orders from it, whatever its name begins with."""
    named, whose = (shlex.quote(text) for text in (profile.name, user.get_username()))
    return f"cardgen generate_cards --profile={named} --user={whose} --out=cards.csv"
