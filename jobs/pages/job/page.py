"""The page of one job: what it is, how far it is, what it came to, and its buttons."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from jobs import control, watching
from jobs.models import FINAL, Job, ProofRun
from jobs.orders import Origin, obstacles_to
from jobs.pages.buttons import BUTTONS, Button
from jobs.pages.callers import job_for, may_read, require, user_of
from jobs.pages.job.cards import cards_of
from jobs.pages.job.files import fetching, files_of
from jobs.pages.job.pace import pace_of
from jobs.pages.job.timeline import timeline
from jobs.pages.job.told import told, trail_of
from jobs.pages.listing.lines import line
from jobs.pages.moves import MOVES
from jobs.pages.order.curl import body_of, curl
from jobs.pages.order.words import order_words
from jobs.results import CardsPurged, InvalidCursor
from jobs.watching import retries_of
from jobs.work import bell
from toolkit.refusals import Refusal
from toolkit.rights import Right, has_right
from uniqueness.errors import LedgerDamaged

_DAMAGED = (
    "Some of these cards were changed in the database, so none is shown. Use none of them, and tell"
    " whoever runs cardgen. The proof says how many they are."
)


@never_cache
@require_safe
def job_page(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Show one job."""
    job = job_for(request, job_id)
    context = line(job) | _outcome(request, job)
    url = request.build_absolute_uri(reverse("generate-async"))
    context |= {"curl": curl(body_of(job), url=url), "words": order_words(job)}
    context |= {"buttons": _buttons(request), "pause": watching.paused()}
    return render(request, "job.html", context)


@never_cache
@require_POST
def job_control(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Do what a button of the job's page says; the page tells if it came too late."""
    job, action = job_for(request, job_id), request.POST.get("action", "")
    try:
        job = _again(job, request) if action == "clone" else _moved(job, request, action)
    except KeyError:
        return HttpResponseBadRequest("There is no such button.")
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("job-page", job_id=job.id)


@never_cache
@require_safe
def job_outcome(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """What a job came to, for a page that saw it end."""
    job = job_for(request, job_id)
    return render(request, "partials/outcome.html", line(job) | _outcome(request, job))


def _moved(job: Job, request: HttpRequest, action: str) -> Job:
    return MOVES[action](watching.controllable(user_of(request), job.id), request)


def _again(job: Job, request: HttpRequest) -> Job:
    """Order the same again and return the new job, or the old one if that is refused."""
    require(request, Right.MINT)
    origin, now = Origin(owner=user_of(request)), timezone.now()
    try:
        return control.clone(job, origin=origin, ring=bell.ring_all, now=now)
    except Refusal as refusal:
        order = control.order_again(job, user=origin.owner, now=now)
        met = obstacles_to(order, origin=origin, first=refusal)
        for detail in dict.fromkeys(one.refusal.detail for one in met) or [refusal.detail]:
            messages.error(request, detail)
        return job


def _outcome(request: HttpRequest, job: Job) -> dict[str, Any]:
    """What happened so far, and the files and cards once the job has ended and has any."""
    retries = None if job.status in FINAL else retries_of([job]).get(job.id)
    shown: dict[str, Any] = {"retries": retries, "steps": timeline(job, retries)}
    shown |= {"cells": watching.cells(job.id), "chunk_counts": watching.counts(job.id)}
    shown |= {"workers": [] if job.status in FINAL else watching.in_hand(job.id)}
    shown["pace"] = pace_of(job)
    shown["proof"] = ProofRun.objects.filter(job=job.id).order_by("-id").first()
    shown |= {"told": told(user_of(request), job)} | trail_of(user_of(request), job)
    return shown | (_cards(request, job) if job.status in FINAL and job.produced else {})


def _cards(request: HttpRequest, job: Job) -> dict[str, Any]:
    if not may_read(request, job):
        return {"withheld": "Your role shows the job and not its cards."}
    try:
        cards = cards_of(job, after=request.GET.get("cards", ""))
        return {"cards": cards, "files": files_of(job), "fetching": fetching(request, job)}
    except (CardsPurged, InvalidCursor) as refusal:
        return {"withheld": refusal.detail}
    except LedgerDamaged:
        return {"withheld": _DAMAGED, "damaged": True}


def _buttons(request: HttpRequest) -> list[Button]:
    rights = {"clone": Right.MINT}
    return [b for b in BUTTONS if has_right(request.user, rights.get(b.action, Right.CONTROL))]
