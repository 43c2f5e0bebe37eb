"""The page that looks for card numbers in a file. Nothing of it is stored, here or on the way.

A browser with JavaScript cuts a file of any size into pieces and sends one after the other; without
it a form sends a small file whole. Bodies of this size never leave the memory (cardgen.server).
"""

from collections import Counter
from io import BytesIO
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from jobs.lookup.whose import WORDS, Answer, answers, count_asked
from toolkit import tally
from toolkit.reading import UnreadableFile
from toolkit.rights import Right, has_right
from uniqueness.check import State
from uniqueness.scanning import Hit, scan

_SHOWN = 500
_MOST_DIGITS = 15
_BYTES = "application/octet-stream"
"""How a piece is sent. Of a form, Django has read the body before we do."""
_WORDS: dict[str, Any] = {"words": list(WORDS.items())}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def scan_file(request: HttpRequest) -> HttpResponse:
    """Take a small file from a form, and show what is in it."""
    file = request.FILES.get("file")
    if request.method != "POST":
        return render(request, "scan.html", _WORDS)
    if file is None:
        return render(request, "scan.html", _WORDS | {"error": "Choose a file."}, status=422)
    found, trouble = _scanned(request, file.read())
    context = {"found": found[:_SHOWN], "count": len(found), "error": trouble}
    return render(request, "scan.html", _WORDS | context | {"states": _states(found)})


@never_cache
@require_POST
def scan_piece(request: HttpRequest) -> HttpResponse:
    """Take a piece that begins with line `line` of a file, and answer in JSON what is in it."""
    first = request.GET.get("line", "1")
    if not (first.isascii() and first.isdigit() and len(first) <= _MOST_DIGITS):
        return JsonResponse({"detail": "line is a whole number"}, status=400)
    if request.content_type not in ("", _BYTES):
        return JsonResponse({"detail": f"Send the piece as {_BYTES}."}, status=415)
    found, trouble = _scanned(request, request.body, first=int(first))
    rows = render_to_string("partials/scan_rows.html", {"found": found[:_SHOWN]}, request)
    counts = {state: number for state, _, number in _states(found)}
    return JsonResponse({"counts": counts, "rows": rows, "trouble": trouble})


def _scanned(
    request: HttpRequest, content: bytes, *, first: int = 1
) -> tuple[list[tuple[Hit, int, Answer]], str]:
    """Find numbers with their lines, as the user may see them; and why the rest was not read."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 (the table of rights came first; this tells mypy)
    hits: list[Hit] = []
    trouble = ""
    try:
        for some in scan(BytesIO(content), imported=has_right(user, Right.EXCLUDE)):
            hits += some
    except UnreadableFile as error:
        trouble = f"It was not read to its end: {error.detail}."
    numbers, findings = [hit.number for hit in hits], [hit.finding for hit in hits]
    count_asked(tally.who(request), numbers, findings)
    told = answers(numbers, findings, user=user)
    return [(hit, hit.line + first - 1, one) for hit, one in zip(hits, told, strict=True)], trouble


def _states(found: list[tuple[Hit, int, Answer]]) -> list[tuple[State, str, int]]:
    counts = Counter(hit.finding.state for hit, *_ in found)
    return [(state, WORDS[state], counts[state]) for state in State]
