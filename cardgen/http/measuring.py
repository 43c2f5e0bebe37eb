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
from toolkit import spans
from toolkit.spans import TRACE_PARENT_LENGTH, Span
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
        with spans.span("request", kind="server", parent=_trace_parent(scope)) as span:
            await self._measure(scope, receive, send, span)
        return None

    async def _measure(self, scope: Scope, receive: Receive, send: Send, span: Span) -> None:
        began, route = time.perf_counter(), list[str]()

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered = _Answered(scope["method"], route, message["status"])
                answered.count(time.perf_counter() - began)
                answered.tell(span)
            await send(message)

        await self._application({**scope, _ROUTE: route}, receive, sent)


class _Answered:
    """What became of a request, in words of ours alone."""

    def __init__(self, method: str, route: list[str], status: int) -> None:
        self._method = method if method in _METHODS else "other"
        self._route = route[0] if route else _NONE
        self._status = status

    def count(self, seconds: float) -> None:
        REQUESTS.add(self._route, self._method, str(self._status))
        SECONDS.add(self._route, self._method, seconds=seconds)

    def tell(self, span: Span) -> None:
        """Write it down (OpenTelemetry's semantic conventions for HTTP)."""
        span.rename(f"{self._method} {self._route}")
        span.tell(
            {
                "http.request.method": self._method,
                "http.route": self._route,
                "http.response.status_code": self._status,
            }
        )


def _trace_parent(scope: Scope) -> str:
    """Return what a client says of the span that its request belongs to, if it can be that."""
    given = [value for name, value in scope["headers"] if name == b"traceparent"]
    return given[0].decode("latin-1") if given and len(given[0]) == TRACE_PARENT_LENGTH else ""
