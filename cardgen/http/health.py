"""Is the service alive, and can it do its work?"""

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
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
