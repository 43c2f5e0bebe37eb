"""The overview, for everybody who may see what the service has and does."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cardgen.operations.figures import overview, recent_anomalies
from toolkit.rights import Right, has_right


@never_cache
@require_safe
def overview_page(request: HttpRequest) -> HttpResponse:
    """Show it; the page's script asks again every few seconds."""
    shown = overview()
    if has_right(request.user, Right.ANOMALIES):
        shown["anomalies"] = recent_anomalies(shown["now"])
    return render(request, "overview.html", shown)
