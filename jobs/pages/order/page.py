"""The page that takes orders, and shows what the newest jobs are doing."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from jobs import orders, watching, webhooks
from jobs.models import Job
from jobs.orders import Origin
from jobs.pages.callers import job_for, user_of
from jobs.pages.listing.page import page_of
from jobs.pages.order.again import filled_in, form_of, left_out
from jobs.pages.order.choices import DEFECTS, field_groups, scheme_choices, tier_choices
from jobs.pages.order.code import snippets
from jobs.pages.order.form import OrderForm
from jobs.pages.order.profiles import opened, recent
from jobs.pages.order.samples import samples
from jobs.pages.order.saving import SavingForm, refuse_what_cannot_be
from jobs.work import bell
from toolkit.refusals import Refusal


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def dashboard(request: HttpRequest) -> HttpResponse:
    """Take orders, show what they come to, and how the user's jobs are doing."""
    if request.method != "POST":
        return _first(request)
    form = OrderForm.typed(request.POST)
    shown: dict[str, Any] = {"opened": opened(request)}
    if request.POST.get("show") == "request":
        shown |= _preview(request, form)
    elif request.POST.get("show") == "profile":
        shown |= {"saving": SavingForm.of(form, user=user_of(request), opened=shown["opened"])}
    elif job := _submitted(request, form):
        return redirect("job-page", job_id=job.id)
    status = 422 if form.errors else 200
    return render(request, "dashboard.html", _dashboard(request, form) | shown, status=status)


@never_cache
@require_POST
def order_preview(request: HttpRequest) -> HttpResponse:
    """What the order of a form comes to, for its page; nothing is started or reserved."""
    form = OrderForm.typed(request.POST)
    return render(request, "partials/preview.html", _preview(request, form) | {"form": form})


def _first(request: HttpRequest) -> HttpResponse:
    """Show an empty form, or one filled in as a job was ordered or a profile says."""
    again = request.GET.get("again", "")
    shown: dict[str, Any] = {"opened": None}
    if again:
        form = _again(request, again)
    elif profile := opened(request):
        form = filled_in(profile.body)
        refuse_what_cannot_be(form, user=user_of(request))
        shown = {"opened": profile, "left_out": list(left_out(profile.body))}
    else:
        form = OrderForm()
    return render(request, "dashboard.html", _dashboard(request, form) | shown)


def _again(request: HttpRequest, job_id: str) -> OrderForm:
    try:
        return form_of(job_for(request, UUID(job_id)))
    except ValueError:
        raise Http404 from None


def _submitted(request: HttpRequest, form: OrderForm) -> Job | None:
    """Start the job, or have the form say all that stands in its way."""
    order, origin, refusal = form.order(), Origin(owner=user_of(request)), None
    try:
        if order is not None:
            return orders.submit(order=order, origin=origin, ring=bell.ring_all)
    except Refusal as met:
        refusal = met
    for obstacle in orders.obstacles_to(order or form.sketch(), origin=origin, first=refusal):
        form.refuse(obstacle)
    return None


def _dashboard(request: HttpRequest, form: OrderForm) -> dict[str, Any]:
    user, schemes = user_of(request), scheme_choices()
    return _newest(user) | {
        "form": form,
        "profiles": recent(user),
        "schemes": schemes,
        "not_offered": form.not_offered(schemes),
        "tiers": tier_choices(schemes),
        "defects": DEFECTS,
        "field_groups": field_groups(),
        "teams": watching.team_names(user),
        "pause": watching.paused(),
        "stopped_webhooks": webhooks.stopped(user),
    }


def _newest(user: User) -> dict[str, Any]:
    rows, older = page_of(watching.own_jobs(user), after="", limit=watching.RECENT, folds=True)
    return {"rows": rows, "after": older}


def _preview(request: HttpRequest, form: OrderForm) -> dict[str, Any]:
    """Sample cards, and the same order in code; without them while something is wrong."""
    order = form.order()
    if order is None:
        return {"preview": True}
    url, inline_url = (
        request.build_absolute_uri(reverse(name)) for name in ("generate-async", "generate")
    )
    code = snippets(form.body(), url=url, inline_url=inline_url)
    return {"preview": True, "order": order, "samples": samples(order), "snippets": code}
