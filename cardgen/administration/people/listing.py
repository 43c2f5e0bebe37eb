"""The page of people: look for somebody, make somebody."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cardgen.access.people import NewUser, make_user
from cardgen.administration.people.finding import described, find
from cardgen.administration.people.forms import FindPeopleForm, NewPersonForm
from cardgen.administration.posting import posted
from toolkit.actor import actor_of
from toolkit.refusals import Refusal
from toolkit.requests import refuse_pans
from uniqueness.numbers import holds_card_number

_SHOWN = 50


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """List people, and make one; the password of a new one is shown this once."""
    refuse_pans(request.GET, found=holds_card_number)
    form = NewPersonForm(posted(request))
    made = _made(request, form) if form.is_bound and form.is_valid() else None
    context: dict[str, Any] = {"form": NewPersonForm() if made else form}
    if made:
        context |= {"person": made.user, "password": made.password}
    context |= _found(request)
    status = 422 if form.errors or context["find"].errors else 200
    return render(request, "people.html", context, status=status)


def _made(request: HttpRequest, form: NewPersonForm) -> NewUser | None:
    try:
        return make_user(**form.cleaned_data, actor=actor_of(request))
    except Refusal as refusal:
        form.add_error("name", refusal.detail)
        return None


def _found(request: HttpRequest) -> dict[str, Any]:
    asked = FindPeopleForm(request.GET)
    if not asked.is_valid():
        return {"find": asked, "rows": []}
    rows = list(find(**asked.cleaned_data)[: _SHOWN + 1])
    return {
        "find": asked,
        "rows": described(rows[:_SHOWN]),
        "after": rows[_SHOWN - 1].pk if len(rows) > _SHOWN else None,
        "first_page": asked.cleaned_data["after"] is None,
        "searched": bool(asked.cleaned_data["q"] or asked.cleaned_data["which"]),
        "here": urlencode({name: asked.cleaned_data[name] for name in ("q", "which")}),
    }
