"""Every request has an id: in `X-Request-ID` of its answer, in its log lines, and on its job."""

import re
from collections.abc import Awaitable, Callable
from uuid import uuid4

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

from toolkit.masking import mask
from toolkit.tracing import MOST_CHARACTERS, about

HEADER = "X-Request-ID"
_WELL_FORMED = re.compile(rf"[A-Za-z0-9._-]{{8,{MOST_CHARACTERS}}}")
Answer = Callable[[HttpRequest], HttpResponse]
AsyncAnswer = Callable[[HttpRequest], Awaitable[HttpResponse]]


def id_of(request: HttpRequest) -> str:
    """Take the client's id if it is well-formed and holds no number or key, else make one."""
    given = request.headers.get(HEADER, "")
    fits = _WELL_FORMED.fullmatch(given) and mask(given) == given
    return given if fits else uuid4().hex


@sync_and_async_middleware
def name_requests(get_response: Answer | AsyncAnswer) -> Answer | AsyncAnswer:
    """Name each request, in `request.request_id` too (a Django middleware, in a thread or not)."""
    if iscoroutinefunction(get_response):
        return _in_loop(get_response)

    def answer(request: HttpRequest) -> HttpResponse:
        name = request.request_id = id_of(request)  # type: ignore[attr-defined]
        with about(request=name):
            response: HttpResponse = get_response(request)  # type: ignore[assignment]
        response[HEADER] = name
        return response

    return answer


def _in_loop(get_response: AsyncAnswer) -> AsyncAnswer:
    async def answer(request: HttpRequest) -> HttpResponse:
        name = request.request_id = id_of(request)  # type: ignore[attr-defined]
        with about(request=name):
            response = await get_response(request)
        response[HEADER] = name
        return response

    return answer
