"""Is the service alive, and can it do its work?"""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils.decorators import sync_and_async_middleware
from django.views.decorators.http import require_safe
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the process runs."""
    return JsonResponse({"status": "live"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 if requests can be served; without the database 503.

    Valkey is a hint, a bell and a loudspeaker: without it jobs still finish, so it only degrades.
    """
    database, valkey = _database(), _valkey()
    state = "ready" if valkey else "degraded"
    body = {
        "status": state if database == "up" else "unavailable",
        "database": database,
        "valkey": "up" if valkey else "down",
    }
    return JsonResponse(body, status=200 if database == "up" else 503)


def _database() -> str:
    """`busy`: every connection of the pool is in use; the server itself may be well."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except PoolTimeout:
        return "busy"
    except DatabaseError as error:
        return "busy" if isinstance(error.__cause__, PoolTimeout) else "down"
    return "up"


def _valkey() -> bool:
    try:
        cache.get("health")
    except (RedisError, OSError):
        return False
    return True


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
