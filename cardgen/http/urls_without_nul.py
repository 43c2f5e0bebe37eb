"""Refuse URLs that hold a NUL byte, before anything looks at them.

PostgreSQL has no text with one, so a name or a filter that holds it would be an error of ours.
"""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

from cardgen.http.errors import page_error, problem

_ESCAPED = "%00"
Answer = Callable[[HttpRequest], HttpResponse]
AsyncAnswer = Callable[[HttpRequest], Awaitable[HttpResponse]]


@sync_and_async_middleware
def refuse_nul(get_response: Answer | AsyncAnswer) -> Answer | AsyncAnswer:
    """Answer 400 to such a URL (a Django middleware, in a thread or in the event loop)."""
    if iscoroutinefunction(get_response):
        return _in_loop(get_response)

    def answer(request: HttpRequest) -> HttpResponse:
        if _holds_nul(request):
            return _refusal(request)
        return get_response(request)  # type: ignore[return-value]

    return answer


def _in_loop(get_response: AsyncAnswer) -> AsyncAnswer:
    async def answer(request: HttpRequest) -> HttpResponse:
        return _refusal(request) if _holds_nul(request) else await get_response(request)

    return answer


def _holds_nul(request: HttpRequest) -> bool:
    return "\0" in request.path or _ESCAPED in request.META.get("QUERY_STRING", "")


def _refusal(request: HttpRequest) -> HttpResponse:
    return page_error(request, problem(400, detail="The URL holds a NUL byte (%00)."))
