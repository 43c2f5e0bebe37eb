"""Refuse URLs that hold a NUL byte, before anything looks at them.

PostgreSQL has no text with one, so a name or a filter that holds it would be an error of ours.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from cardgen.http.errors import page_error, problem

_ESCAPED = "%00"


def refuse_nul(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer 400 to such a URL (a Django middleware)."""

    def answer(request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or _ESCAPED in request.META.get("QUERY_STRING", ""):
            return page_error(request, problem(400, detail="The URL holds a NUL byte (%00)."))
        return get_response(request)

    return answer
