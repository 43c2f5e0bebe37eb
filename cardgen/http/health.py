"""Is the service alive, and can it do its work?"""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.http import HttpRequest, JsonResponse
from django.utils.decorators import sync_and_async_middleware
from django.views.decorators.http import require_safe

from cardgen.http import parts
from cardgen.http.parts import State


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the process runs."""
    return JsonResponse({"status": "live"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 if requests can be served; without the database 503. Each part is named.

    Valkey is a hint, a bell and a loudspeaker, and workers may come later: without them requests
    are served and no job is lost, so it is only degraded.
    """
    found = parts.look()
    serves = found["database"] is State.UP
    whole = all(state is State.UP for state in found.values())
    status = "ready" if whole else "degraded" if serves else "unavailable"
    return JsonResponse({"status": status, **found}, status=200 if serves else 503)


_PROBES: dict[str, Callable[[HttpRequest], JsonResponse]] = {
    "/health": ready,
    "/health/live": live,
    "/health/ready": ready,
}


@sync_and_async_middleware
def probes(get_response: Callable[..., Any]) -> Callable[..., Any]:
    """Answer probes before anybody looks at the Host: they come by address, whatever its name."""
    if iscoroutinefunction(get_response):

        async def answer(request: HttpRequest) -> Any:
            probe = _PROBES.get(request.path_info)
            return await (sync_to_async(_told)(probe, request) if probe else get_response(request))

        return answer
    return lambda request: (
        _told(probe, request)
        if (probe := _PROBES.get(request.path_info))
        else get_response(request)
    )


def _told(probe: Callable[[HttpRequest], JsonResponse], request: HttpRequest) -> JsonResponse:
    response = probe(request)
    response["Content-Length"] = str(len(response.content))
    response["Cache-Control"] = "no-store"
    return response
