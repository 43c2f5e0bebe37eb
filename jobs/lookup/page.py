"""The page that says whose a number is. Numbers come in a form's body; none is logged or kept."""

import re
from collections import Counter
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from jobs.lookup.one_card import one_card
from jobs.lookup.whose import WORDS, ask, count_asked
from toolkit import tally
from toolkit.requests import MAX_DIGITS, MAX_NUMBERS, digits_of
from toolkit.wording import placed
from uniqueness.check import State

_BETWEEN = re.compile(r"[\r\n,;\t]+")
_SHOWN = 500
_MOST_LINES_NAMED = 10


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check_numbers(request: HttpRequest) -> HttpResponse:
    """Take numbers and answer at once: the answer has no address of its own."""
    if request.method != "POST":
        return render(request, "check.html")
    typed = str(request.POST.get("numbers", ""))
    texts = [text for text in map(str.strip, _BETWEEN.split(typed)) if text]
    numbers = [number for text in texts if (number := digits_of(text))]
    if error := _error(texts):
        return render(request, "check.html", {"error": error, "typed": typed}, status=422)
    return render(request, "check.html", _answered(request, numbers))


def _error(texts: list[str]) -> str:
    if not texts:
        return "Write one number or more."
    if len(texts) > MAX_NUMBERS:
        return f"At most {MAX_NUMBERS:,} numbers at once; these are {len(texts):,}."
    wrong = [place for place, text in enumerate(texts, start=1) if digits_of(text) is None]
    if not wrong:
        return ""
    where = placed("number", wrong[:_MOST_LINES_NAMED])
    return (
        f"Write 1 to {MAX_DIGITS} digits for each, with spaces and dashes as you like."
        f" Not so: {where}."
    )


def _answered(request: HttpRequest, numbers: list[str]) -> dict[str, Any]:
    user = _user(request)
    found = ask(numbers, user=user)
    count_asked(tally.who(request), numbers, [answer.finding for answer in found])
    if len(found) == 1:
        return {"card": one_card(found[0], user=user)}
    states = Counter(answer.finding.state for answer in found)
    return {
        "answers": found[:_SHOWN],
        "states": [(state, WORDS[state], states[state]) for state in State],
        "count": len(found),
        "left_out": max(0, len(found) - _SHOWN),
    }


def _user(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 (the table of rights came first; this tells mypy)
    return user
