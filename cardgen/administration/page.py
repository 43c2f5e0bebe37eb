"""What operators and administrators look at first, each as far as their rights reach."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cardgen.administration.in_force import in_force
from cardgen.administration.people.finding import described
from cardgen.anomalies.models import Anomaly
from jobs import control, watching
from jobs.models import Team
from jobs.work import bell
from toolkit.actor import actor_of
from toolkit.refusals import Refusal
from toolkit.rights import Right, has_right
from uniqueness.registry import tiers_now

_SHOWN = 20


@never_cache
@require_safe
def administration(request: HttpRequest) -> HttpResponse:
    """Show the queue, tiers, anomalies, people and teams."""
    context: dict[str, Any] = {"queue": watching.look(), "tiers": tiers_now()}
    if has_right(request.user, Right.ANOMALIES):
        found = Anomaly.objects.select_related("api_key", "user").order_by("-id")
        context["anomalies"] = found[:_SHOWN]
    if has_right(request.user, Right.USERS):
        people = User.objects.prefetch_related("groups").order_by("username")[:_SHOWN]
        context["people"] = described(list(people))
        context["people_count"] = User.objects.count()
        context["teams"] = Team.objects.annotate(size=Count("members")).order_by("name")[:_SHOWN]
    return render(request, "administration.html", context)


@never_cache
@require_POST
def switch_queue(request: HttpRequest) -> HttpResponse:
    """Pause the whole queue, or let it go on; a reason stands in the audit trail."""
    pause = request.POST.get("paused") == "1"
    reason = request.POST.get("reason", "").strip()
    try:
        control.set_queue(paused=pause, reason=reason, actor=actor_of(request), ring=bell.ring_all)
        messages.success(request, f"The queue is {'paused' if pause else 'running'}.")
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    return redirect("administration")


@never_cache
@require_safe
def settings_page(request: HttpRequest) -> HttpResponse:
    """Show the settings in force; secrets are named and never shown."""
    return render(request, "settings.html", {"settings": in_force()})
