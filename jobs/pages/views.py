"""Pages for people: start a job, watch it, download it. They decide nothing."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generation.fields import DEFAULT
from jobs import control, orders, results, watching, webhooks
from jobs.models import FINAL, Job
from jobs.orders import Origin
from jobs.pages.buttons import BUTTONS, Button
from jobs.pages.curl import body_of, curl
from jobs.pages.order_choices import DEFECTS, field_groups, scheme_choices, tier_choices
from jobs.pages.order_form import OrderForm
from jobs.pages.order_words import order_words
from jobs.results import downloads
from jobs.watching import figures, retries_of
from jobs.work import bell
from toolkit import refusals
from toolkit.actor import actor_of
from toolkit.refusals import Refusal
from toolkit.rights import Right, has_right

_PREVIEW = 10
_CONTROLS: dict[str, Callable[[Job, HttpRequest], Job]] = {
    "cancel": lambda job, request: control.cancel(job, actor=actor_of(request)),
    "pause": lambda job, request: control.pause(job, actor=actor_of(request)),
    "resume": lambda job, request: control.resume(job, ring=bell.ring_all, actor=actor_of(request)),
    "retry": lambda job, request: control.retry(job, ring=bell.ring_all, actor=actor_of(request)),
    "clone": lambda job, request: control.clone(
        job,
        origin=Origin(owner=_user(request)),
        ring=bell.ring_all,
        now=timezone.now(),
    ),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def dashboard(request: HttpRequest) -> HttpResponse:
    """Take orders, show what they look like over REST, and how the user's jobs are doing."""
    if request.method != "POST":
        return render(request, "dashboard.html", _dashboard(request, OrderForm()))
    form = OrderForm.typed(request.POST)
    shown = {}
    if request.POST.get("show") == "request":
        shown["curl"] = _line(request, form)
    elif job := _submitted(request, form):
        return redirect("job-page", job_id=job.id)
    status = 422 if form.errors else 200
    return render(request, "dashboard.html", _dashboard(request, form) | shown, status=status)


@never_cache
@require_POST
def request_line(request: HttpRequest) -> HttpResponse:
    """The order of a form as a line for a shell, for its page; nothing is started."""
    line = _line(request, OrderForm.typed(request.POST))
    return render(request, "partials/request_line.html", {"curl": line})


@never_cache
@require_safe
def job_page(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Show one job."""
    job = _find(request, job_id)
    context = _shown(job) | _outcome(request, job)
    context |= {"curl": _curl(request, body_of(job)), "words": order_words(job)}
    context |= {"buttons": _buttons(request), "pause": watching.paused()}
    return render(request, "job.html", context)


@never_cache
@require_POST
def job_control(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Do what a button of the job's page says; the page tells if it came too late."""
    job, action = _find(request, job_id), request.POST.get("action", "")
    if action == "clone":
        _require(request, Right.MINT)
    else:
        job = watching.controllable(_user(request), job_id)
    try:
        job = _CONTROLS[action](job, request)
    except KeyError:
        return HttpResponseBadRequest("There is no such button.")
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("job-page", job_id=job.id)


@never_cache
@require_safe
def job_row(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """One line of the list, for a job that turns up while the dashboard is open."""
    return render(request, "partials/job_row.html", {"row": _shown(_find(request, job_id))})


@never_cache
@require_safe
def job_outcome(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """What a job came to, for a page that saw it end."""
    job = _find(request, job_id)
    return render(request, "partials/outcome.html", _shown(job) | _outcome(request, job))


def _submitted(request: HttpRequest, form: OrderForm) -> Job | None:
    order = form.order()
    if order is None:
        return None
    try:
        return orders.submit(order=order, origin=Origin(owner=_user(request)), ring=bell.ring_all)
    except Refusal as refusal:
        form.refuse(refusal)
        return None


def _dashboard(request: HttpRequest, form: OrderForm) -> dict[str, Any]:
    own = watching.own_jobs(_user(request))
    older_than = request.GET.get("after", "")
    try:
        jobs, after = watching.page(own, after=older_than, limit=watching.RECENT)
    except refusals.InvalidPage:
        jobs, after = [], ""
    schemes = scheme_choices()
    return {
        "form": form,
        "schemes": schemes,
        "tiers": tier_choices(schemes),
        "defects": DEFECTS,
        "field_groups": field_groups(),
        "teams": watching.team_names(_user(request)),
        "rows": [_shown(job) for job in jobs],
        "after": after,
        "first_page": not older_than,
        "pause": watching.paused(),
        "stopped_webhooks": webhooks.stopped(_user(request)),
    }


def _shown(job: Job) -> dict[str, Any]:
    return {
        "job": job,
        "now": figures(job),
        "schemes": list(dict.fromkeys(item.issuer_range.scheme for item in job.items.all())),
        "final": job.status in FINAL,
    }


def _outcome(request: HttpRequest, job: Job) -> dict[str, Any]:
    """What failed so far; the files and the first cards, once the job has ended and has any."""
    if job.status not in FINAL:
        return {"cards": [], "retries": retries_of([job]).get(job.id)}
    if not job.produced or not _may_read(request, job):
        return {"cards": []}
    cards, _ = results.page(job, limit=_PREVIEW, fields=DEFAULT)
    return {"cards": cards, "downloads": downloads(job)}


def _line(request: HttpRequest, form: OrderForm) -> str:
    """The same over REST; empty while something is wrong with the form."""
    return _curl(request, form.body()) if form.order() else ""


def _curl(request: HttpRequest, body: dict[str, Any]) -> str:
    return curl(body, url=request.build_absolute_uri(reverse("generate-async")))


def _find(request: HttpRequest, job_id: UUID) -> Job:
    jobs = watching.visible_to(_user(request)).prefetch_related("items__issuer_range")
    job: Job = get_object_or_404(jobs, id=job_id)
    return job


def _buttons(request: HttpRequest) -> list[Button]:
    rights = {"clone": Right.MINT}
    return [b for b in BUTTONS if has_right(request.user, rights.get(b.action, Right.CONTROL))]


def _may_read(request: HttpRequest, job: Job) -> bool:
    user = _user(request)
    return has_right(user, Right.CARDS) and watching.readable_by(user).filter(id=job.id).exists()


def _require(request: HttpRequest, right: Right) -> None:
    if not has_right(request.user, right):
        raise PermissionDenied


def _user(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 (the table of rights came first; this tells mypy)
    return user
