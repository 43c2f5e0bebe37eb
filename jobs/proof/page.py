"""The page of the five layers: how they do, and the proof that no number is there twice."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from jobs.proof import runs
from jobs.watching import controllable
from uniqueness.exclusions.moving import recent_imports
from uniqueness.proof.findings import Check
from uniqueness.stats.layers import Health, layers

_BROKEN = {
    Check.UNIQUE.key: (1, 2),
    Check.STRUCTURE.key: (1, 2),
    Check.SPANS.key: (3,),
    Check.FILTERS.key: (4,),
}


@never_cache
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show the layers, the last proof, and what was imported."""
    return render(request, "uniqueness.html", _proof() | {"imports": recent_imports()})


@never_cache
@require_safe
def proof(request: HttpRequest) -> HttpResponse:
    """Show the layers and how far the proof is, for a page that is open."""
    return render(request, "partials/proof.html", _proof())


@never_cache
@require_POST
def prove_now(request: HttpRequest) -> HttpResponse:
    """Ask for a proof of everything."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 (the table of rights came first; this tells mypy)
    runs.ask(user=user)
    return redirect("uniqueness-page")


@never_cache
@require_POST
def prove_job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Ask for a proof of one job's cards; its page tells what it came to."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 (the table of rights came first; this tells mypy)
    runs.ask(user=user, job=controllable(user, job_id).id)
    return redirect("job-page", job_id=job_id)


def _proof() -> dict[str, Any]:
    found, run = layers(), runs.latest()
    wrong = _wrong(run.report) if run and run.report else []
    doubted = {number for check in wrong for number in _BROKEN.get(check["check"], ())}
    return {
        "layers": [(layer, layer.number in doubted) for layer in found],
        "run": run,
        "wrong": wrong,
        "stop": any(check["check"] != Check.FILTERS.key for check in wrong),
        "fault": bool(wrong) or any(layer.health is Health.FAULT for layer in found),
    }


def _wrong(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [check for check in report["checks"] if check["wrong"]]
