"""Every component of the pages in every state: what a new page is put together from."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jobs.models import ChunkState, Status

_AT = datetime(2026, 11, 28, 14, 2, tzinfo=UTC)
_TONES = ("accent", "good", "bad", "warn", "info")
_LIVE = {
    "live": "news come over the socket",
    "reconnecting": "the socket is away, and tries again",
    "polling": "no socket: the page asks every two seconds",
    "paused": "the reader stopped all updates",
    "resting": "nobody looked at the tab for a minute",
    "ended": "signed out: nothing comes any more",
}


@require_safe
def design(request: HttpRequest) -> HttpResponse:
    """Show them; nothing on the page does anything."""
    shown = {"statuses": Status.values, "chunk_states": ChunkState.values}
    return render(request, "design.html", shown | {"live": _LIVE, "at": _AT, "tones": _TONES})
