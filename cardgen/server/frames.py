"""Have Daphne refuse big WebSocket messages while they arrive.

Daphne sets no limit: a message of any size would be gathered in memory before the application sees
it. It has no option for this, and its close() cannot send 1009, so the protocol class is replaced.
"""

from typing import Any

from daphne.ws_protocol import WebSocketProtocol  # type: ignore[import-untyped]
from twisted.internet.interfaces import ISSLTransport


class LimitedProtocol(WebSocketProtocol):  # type: ignore[misc]
    """Closes with 1009 (RFC 6455: message too big) as soon as a header announces too much."""

    most_bytes: int

    def onConnect(self, request: Any) -> Any:  # noqa: N802 (autobahn's name)
        """Set this connection's limits; autobahn has copied the factory's by now."""
        self.maxFramePayloadSize = self.maxMessagePayloadSize = self.most_bytes
        self.failByDrop = False  # say why, instead of only hanging up
        return super().onConnect(request)

    @property
    def scheme(self) -> str:
        """`wss` if it came over TLS (ASGI's word for a scope)."""
        return "wss" if ISSLTransport.providedBy(self.transport) else "ws"
