"""What is said of each answer before anybody looks at it: only over HTTPS, no camera.

CARDGEN_HTTPS=1:  GET http://…/api/v1/tiers  ->  403 https_required
                  GET ws://…/ws/jobs         ->  403
"""

from collections.abc import Callable

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import sync_and_async_middleware

from cardgen.http.errors import MEDIA_TYPE, REFUSAL_STATUS, problem
from realtime.origin import Application, Receive, Scope, Send, headers_of
from toolkit.refusals import Refusal

Answer = Callable[[HttpRequest], HttpResponse]
_API = "/api/v1/"
_CLOSE_FORBIDDEN = 4403
_POLICY = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
)


class HttpsRequired(Refusal):
    """The API was asked over plain HTTP, though this service is to be reached by HTTPS alone."""

    code = "https_required"


_REFUSED = problem(
    REFUSAL_STATUS[HttpsRequired.code],
    name=HttpsRequired.code,
    detail="Send this to https://. A key or a card that came with it has been seen on the way:"
    " replace it. Nothing was done.",
)


@sync_and_async_middleware
def https_only(get_response: Answer) -> Answer:
    """Refuse the API over plain HTTP if CARDGEN_HTTPS is on.

    A redirect would have the client send its key once more, and nobody would notice the first time.
    """
    return _around(get_response, before=_refused)


class WssOnly:
    """Refuses WebSockets over plain `ws://` by the same rule, before anybody looks at their key."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the handshake (HTTP 403), or hand it on."""
        if settings.HTTPS and not _is_encrypted(scope):
            return await send({"type": "websocket.close", "code": _CLOSE_FORBIDDEN})
        return await self._application(scope, receive, send)


@sync_and_async_middleware
def permissions_policy(get_response: Answer) -> Answer:
    """Say that no page of ours uses camera, place, payment (W3C Permissions Policy)."""
    return _around(get_response, after=_with_policy)


def _around(
    get_response: Answer,
    *,
    before: Callable[[HttpRequest], HttpResponse | None] = lambda _request: None,
    after: Callable[[HttpResponse], HttpResponse] = lambda response: response,
) -> Answer:
    async def in_loop(request: HttpRequest) -> HttpResponse:
        return before(request) or after(await get_response(request))  # type: ignore[misc]

    def in_thread(request: HttpRequest) -> HttpResponse:
        return before(request) or after(get_response(request))

    return in_loop if iscoroutinefunction(get_response) else in_thread  # type: ignore[return-value]


def _refused(request: HttpRequest) -> HttpResponse | None:
    if not settings.HTTPS or request.is_secure() or not request.path_info.startswith(_API):
        return None
    return JsonResponse(_REFUSED, status=_REFUSED["status"], content_type=MEDIA_TYPE)


def _is_encrypted(scope: Scope) -> bool:
    """Believe the first in `X-Forwarded-Proto`, as Django does; some proxies write `wss` there."""
    said = headers_of(scope).get("x-forwarded-proto") or str(scope.get("scheme", "ws"))
    return said.partition(",")[0].strip() in {"https", "wss"}


def _with_policy(response: HttpResponse) -> HttpResponse:
    response.headers["Permissions-Policy"] = _POLICY
    return response
