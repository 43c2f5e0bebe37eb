"""What may be meant by a path of the API that leads nowhere."""

import re
from collections.abc import Iterator
from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver

from toolkit.near import did_you_mean

_OTHERS = ("/api/docs", "/api/schema", "/health")
_LONGEST = 200
_INDEX = " GET /api/v1 lists what there is; the reference is at /api/docs."


def hint(path: str) -> str:
    """Say which route may be meant. What was sent is not repeated: a number may stand in it."""
    sent = path[:_LONGEST].lower()
    if sent != "/" and sent.rstrip("/") in _fixed():
        return f"A path has no slash at its end: {sent.rstrip('/')}.{_INDEX}"
    meant = did_you_mean(sent.rstrip("/"), _fixed()).lstrip()
    return (meant or "There is no such path.") + _INDEX


@cache
def _fixed() -> tuple[str, ...]:
    """Return the paths in which nothing varies."""
    return (*sorted(path for path in _paths() if path.startswith("/api/v1")), *_OTHERS)


def _paths(
    patterns: list[URLPattern | URLResolver] | None = None, before: str = "/"
) -> Iterator[str]:
    for one in get_resolver().url_patterns if patterns is None else patterns:
        path = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _paths(one.url_patterns, path)
        elif not re.search("[<^]", path):
            yield path.rstrip("/")
