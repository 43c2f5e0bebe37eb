"""How many requests of which route, and how long until their answers began.

`GET /api/v1/cards/jobs/<uuid:job_id>` is one route, whatever the job. Django knows the route and
the server's outermost layer sees every answer, those of the gate too: the scope carries it there.
"""

import time
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.utils.decorators import sync_and_async_middleware

from realtime.origin import Application, Message, Receive, Scope, Send
from toolkit.totals import Durations, Total

REQUESTS = Total(
    name="cardgen_http_requests_total",
    help="Requests answered, by route, method and status.",
    labels=("route", "method", "status"),
)
SECONDS = Durations(
    name="cardgen_http_request_seconds",
    help="Seconds until the answer began.",
    labels=("route", "method"),
)
_ROUTE = "cardgen.route"
_NONE = "none"  # refused before Django, or led nowhere
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@sync_and_async_middleware
def tell_route(get_response: Callable[..., Any]) -> Callable[..., Any]:
    """Write the route into the scope (a Django middleware, in a thread or not)."""
    if iscoroutinefunction(get_response):

        async def answer(request: HttpRequest) -> Any:
            response = await get_response(request)
            _tell(request)
            return response

        return answer

    def answer_here(request: HttpRequest) -> Any:
        response = get_response(request)
        _tell(request)
        return response

    return answer_here


def _tell(request: HttpRequest) -> None:
    match, scope = request.resolver_match, getattr(request, "scope", {})
    if match and _ROUTE in scope:
        scope[_ROUTE].append(f"/{match.route}")


class Measured:
    """Counts requests as their answers begin.

    :param free: what is not counted: how these paths begin
    """

    def __init__(self, application: Application, *, free: tuple[str, ...]) -> None:
        self._application, self._free = application, free

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stand around everything that answers."""
        if scope["path"].startswith(self._free):
            return await self._application(scope, receive, send)
        began, route = time.perf_counter(), list[str]()

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                _count(scope, route, message["status"], time.perf_counter() - began)
            await send(message)

        return await self._application({**scope, _ROUTE: route}, receive, sent)


def _count(scope: Scope, route: list[str], status: int, seconds: float) -> None:
    name = route[0] if route else _NONE
    method = scope["method"] if scope["method"] in _METHODS else "other"
    REQUESTS.add(name, method, str(status))
    SECONDS.add(name, method, seconds=seconds)
