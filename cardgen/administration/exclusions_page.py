"""The page that takes a file of numbers to exclude, and shows what came of each line."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from toolkit.actor import actor_of
from uniqueness.exclusions.import_form import ImportForm
from uniqueness.exclusions.imports.report import ImportReport

_BY_BUTTON = "dry_run"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def exclusions(request: HttpRequest) -> HttpResponse:
    """Report what a file would do, or import it; one button for each."""
    form, report = ImportForm(), None
    if request.method == "POST":
        form = ImportForm(request.POST, request.FILES)
        report = form.run(actor=actor_of(request))
    context = {"form": form, "report": report, "lines": _lines(form, report)}
    del form.fields[_BY_BUTTON]
    return render(request, "exclusions.html", context, status=422 if form.errors else 200)


def _lines(form: ImportForm, report: ImportReport | None) -> dict[str, Any] | None:
    """What is told of the lines, of a file that was refused as well."""
    if report:
        return report.as_dict()
    return form.refused_lines.as_dict() if form.refused_lines else None
