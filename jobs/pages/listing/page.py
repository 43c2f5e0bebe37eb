"""The list of jobs: searched, folded, a page at a time."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jobs import watching
from jobs.models import Job
from jobs.orders import MAX_INLINE
from jobs.pages.buttons import MANY
from jobs.pages.callers import job_for, user_of
from jobs.pages.listing.lines import key_names, lines
from jobs.pages.listing.search import Jobs, JobSearch
from jobs.watching import Fold
from toolkit.refusals import InvalidPage
from toolkit.rights import Right, has_right

_LIMIT = 25
_COUNTED = 10_000
"""Beyond so many the page says "more than": who narrows a search wants no exact million."""


@never_cache
@require_safe
def jobs_page(request: HttpRequest) -> HttpResponse:
    """List the jobs that match what the address asks for."""
    search, after = JobSearch(request.GET, user=user_of(request)), request.GET.get("after", "")
    jobs = search.jobs()
    rows, older = page_of(jobs, after=after, limit=_LIMIT, folds=not search.unfolds)
    count = watching.count(jobs, most=_COUNTED)
    context = {"search": search, "rows": rows, "after": older, "first_page": not after}
    context |= {"count": min(count, _COUNTED), "more": count > _COUNTED}
    context |= {"buttons": MANY if has_right(request.user, Right.CONTROL) else ()}
    return render(request, "jobs.html", context, status=200 if search.is_valid() else 400)


@never_cache
@require_safe
def job_row(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """One line of the list, for a job that turns up while the list is open."""
    jobs = watching.visible_to(user_of(request))
    same = watching.together(jobs, job_for(request, job_id), small=MAX_INLINE)
    rows, _ = page_of(same, after="", limit=1, folds=True)
    context = {"row": rows[0], "choose": "choose" in request.GET}
    return render(request, "partials/job_row.html", context)


def page_of(jobs: Jobs, *, after: str, limit: int, folds: bool) -> tuple[list[dict[str, Any]], str]:
    """Return a page of lines and the cursor of the next; a cursor that is none has no lines."""
    try:
        found, older = watching.entries(
            jobs, after=after, limit=limit, small=MAX_INLINE if folds else 0
        )
    except InvalidPage:
        return [], ""
    return _rows(found), older


def _rows(found: list[Job | Fold]) -> list[dict[str, Any]]:
    described = iter(lines([entry for entry in found if isinstance(entry, Job)]))
    names = key_names(entry.api_key_id for entry in found if isinstance(entry, Fold))
    return [
        {"fold": entry, "key": names.get(entry.api_key_id, "")}
        if isinstance(entry, Fold)
        else next(described)
        for entry in found
    ]
