"""The buttons under the list: one thing done to the chosen jobs, or to all that match."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from jobs import control, watching
from jobs.pages.buttons import MANY, Button
from jobs.pages.callers import user_of
from jobs.pages.listing.lines import lines
from jobs.pages.listing.search import Jobs, JobSearch
from jobs.pages.moves import MOVES

_SECONDS = 8.0
"""A browser waits so long without a word; what is left then is a button away."""
_SHOWN = 50
_BUTTONS = {button.action: button for button in MANY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be done, to which jobs, and those that matched but are in another state."""

    button: Button
    jobs: Jobs
    others: Mapping[str, int] = field(default_factory=dict)
    after: UUID | None = None


@never_cache
@require_POST
def jobs_bulk(request: HttpRequest) -> HttpResponse:
    """Do it and show what became of each job; all that match are asked about once more first."""
    try:
        search, asked = _asked(request)
    except (KeyError, ValueError):
        return HttpResponseBadRequest("There is no such button, or no such job.")
    if "all" in request.POST and "sure" not in request.POST:
        context = {"search": search, "button": asked.button, "others": asked.others}
        return render(request, "jobs_sure.html", context | {"count": asked.jobs.count()})
    return render(request, "jobs_done.html", _done(request, asked) | {"search": search})


def _asked(request: HttpRequest) -> tuple[JobSearch, Asked]:
    """Read the form.

    :raises KeyError: if there is no such button
    :raises ValueError: if an id is none
    """
    button, search = (
        _BUTTONS[request.POST["action"]],
        JobSearch(request.POST, user=user_of(request)),
    )
    if "all" in request.POST:
        return search, _matching(search, button, after=request.POST.get("from", ""))
    ids = [UUID(job_id) for job_id in request.POST.getlist("job")]
    mine = watching.controllable_by(user_of(request))
    return search, Asked(button=button, jobs=mine.filter(id__in=ids))


def _matching(search: JobSearch, button: Button, *, after: str) -> Asked:
    jobs = search.jobs(everybodys=watching.controllable_by)
    rest = jobs.exclude(status__in=button.states).order_by().values_list("status")
    return Asked(
        button=button,
        jobs=jobs.filter(status__in=button.states),
        others=dict(rest.annotate(Count("id"))),
        after=UUID(after) if after else None,
    )


def _done(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    found = control.each(
        asked.jobs,
        move=lambda job: MOVES[asked.button.action](job, request),
        seconds=_SECONDS,
        shown=_SHOWN,
        after=asked.after,
    )
    rows = lines([result.job for result in found.results])
    for row, result in zip(rows, found.results, strict=True):
        row["result"] = result
    shown = {"button": asked.button, "found": found, "others": asked.others, "rows": rows}
    return shown | {"reasons": dict(found.refused)}
