"""The page that sets what a user may order."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cardgen.access.quota_holders import of_user
from cardgen.administration.posting import posted
from cardgen.administration.reasons import ReasonForm, ask
from jobs.models import Quota
from jobs.quotas import MOST, Unit, set_limits
from toolkit.actor import actor_of
from toolkit.refusals import Refusal

_WORDS = (
    "It holds for new orders from now on; jobs already accepted finish. API keys count for their"
    " user too, and may have limits of their own."
)
_HELP = "0: no limit. Empty: what the settings say for everybody."


class QuotaForm(ReasonForm):
    """The limits of a user, and why."""

    cards_per_day = forms.IntegerField(
        min_value=0,
        max_value=MOST[Unit.CARDS],
        required=False,
        label="Cards a day (UTC)",
        help_text=_HELP,
    )
    active_jobs = forms.IntegerField(
        min_value=0,
        max_value=MOST[Unit.JOBS],
        required=False,
        label="Jobs at a time",
        help_text=_HELP,
    )
    field_order = ("cards_per_day", "active_jobs", "reason")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def quota(request: HttpRequest, user_id: int) -> HttpResponse:
    """Ask for the limits and why, then set them."""
    found = get_object_or_404(User, pk=user_id)
    form = QuotaForm(posted(request), initial=_now(found))
    name = found.get_username()
    if form.is_bound and form.is_valid() and _set(request, found, form):
        messages.success(request, f"The quota of {name} is set.")
        return redirect("person-page", user_id=found.pk)
    back = reverse("person-page", args=[found.pk])
    return ask(request, subject=name, verb="Set quota", words=_WORDS, back=back, form=form)


def _now(user: User) -> dict[str, Any]:
    return Quota.objects.filter(user=user).values(*Unit).first() or {}


def _set(request: HttpRequest, user: User, form: QuotaForm) -> bool:
    limits, reason = dict(form.cleaned_data), form.cleaned_data["reason"]
    del limits["reason"]
    actor = actor_of(request)
    try:
        set_limits(holder=of_user(user), changes=limits, reason=reason, actor=actor)
    except Refusal as refusal:
        form.add_error("reason", refusal.detail)
        return False
    return True
