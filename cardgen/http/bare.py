"""Answers of the server itself, before Django: the same problems, the same page."""

import json
from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string

from cardgen.http.errors import MEDIA_TYPE, REFUSED
from realtime.origin import Scope, Send


async def send_problem(
    scope: Scope,
    send: Send,
    body: Mapping[str, Any],
    *,
    retry_after: int,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Answer an HTTP request with a problem: as a page for people, else as JSON.

    :param retry_after: seconds
    """
    REFUSED.add(body["code"])
    content, media_type = _written(scope, body)
    fields = {
        "Content-Type": media_type,
        "Content-Length": str(len(content)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
        "Retry-After": str(retry_after),
    } | dict(headers or {})
    raw = [(name.encode(), value.encode()) for name, value in fields.items()]
    await send({"type": "http.response.start", "status": body["status"], "headers": raw})
    await send({"type": "http.response.body", "body": content})


def _written(scope: Scope, body: Mapping[str, Any]) -> tuple[bytes, str]:
    accepted = b",".join(value for name, value in scope["headers"] if name == b"accept")
    if scope["path"].startswith("/api/") or b"text/html" not in accepted:
        return json.dumps(body).encode(), MEDIA_TYPE
    return render_to_string("error.html", dict(body)).encode(), "text/html; charset=utf-8"
