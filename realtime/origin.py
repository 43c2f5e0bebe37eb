"""The first question at the door: does this page belong to us?

A browser sends cookies with a WebSocket handshake from any page, so the session proves nothing
until the `Origin` is checked (cross-site WebSocket hijacking). Programs send no `Origin`: they need
an API key.
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from django.http.request import validate_host
from django.utils.http import is_same_domain

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class OriginCheck:
    """Lets through pages of this host and of the trusted origins, and programs with an API key.

    The same rule as Django's CSRF check: the port counts too, since cookies ignore it.
    """

    def __init__(
        self,
        application: Application,
        *,
        allowed_hosts: Iterable[str],
        trusted_origins: Iterable[str],
        https: bool,
    ) -> None:
        self._application = application
        self._allowed_hosts = list(allowed_hosts)
        self._trusted = [trusted.split("://", 1) for trusted in trusted_origins]
        self._schemes = {"https"} if https else {"http", "https"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the handshake (HTTP 403) before anything else looks at it."""
        if self.allows(headers_of(scope)):
            await self._application(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 4403})

    def allows(self, headers: dict[str, str]) -> bool:
        """Decide by the handshake's headers."""
        origin = headers.get("origin")
        if origin is None:
            return "authorization" in headers or "x-api-key" in headers
        scheme, _, netloc = origin.lower().partition("://")
        if self._is_trusted(scheme, netloc):
            return True
        host = headers.get("host", "").lower()
        same = scheme in self._schemes and netloc == host
        return same and validate_host(_without_port(host), self._allowed_hosts)

    def _is_trusted(self, scheme: str, netloc: str) -> bool:
        """Compare as CSRF_TRUSTED_ORIGINS says: `https://*.example.com` covers all subdomains."""
        return any(
            scheme == trusted_scheme and is_same_domain(netloc, pattern.lstrip("*"))
            for trusted_scheme, pattern in self._trusted
        )


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the handshake's headers by lower-case name; of repeated ones the last."""
    return {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }


def address_of(scope: Scope) -> str | None:
    """Return the client's IP address, None if the server does not know it."""
    client = scope.get("client")
    return client[0] if client else None


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host
