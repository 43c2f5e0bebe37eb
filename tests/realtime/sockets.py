"""Open sockets as a browser or a program would."""

# mypy: disable-error-code="no-untyped-call"
# (channels has no types)

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client

from cardgen.asgi import application

HOST = "127.0.0.1:8000"
OURS = f"http://{HOST}"
PATIENCE = 5.0


def browser(client: Client, *, origin: str = OURS) -> dict[str, str]:
    """Give the handshake headers of a page that was loaded with the client's session."""
    cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
    session = f"{settings.SESSION_COOKIE_NAME}={cookie.value}" if cookie else ""
    return {"host": HOST, "origin": origin, "cookie": session}


class Socket:
    """A WebSocket to the application."""

    def __init__(self, path: str, headers: dict[str, str], app: Any = application) -> None:
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        self.communicator = WebsocketCommunicator(app, path, headers=raw)

    async def connect(self) -> tuple[bool, Any]:
        """Shake hands; return whether that was accepted, and the close code if not."""
        result: tuple[bool, Any] = await self.communicator.connect(timeout=PATIENCE)
        return result

    async def job(self, *, within: float = PATIENCE) -> dict[str, Any]:
        """Receive the next figures."""
        message: dict[str, Any] = await self.communicator.receive_json_from(timeout=within)
        return message

    async def closing(self) -> int:
        """Wait for the close and return its code; figures on the way are passed over."""
        for _ in range(20):
            output = await self.communicator.receive_output(timeout=PATIENCE)
            if output["type"] == "websocket.close":
                return int(output["code"])
        raise AssertionError("20 messages, and no close")

    async def silent(self, *, seconds: float) -> bool:
        """Tell whether nothing comes for so long."""
        return bool(await self.communicator.receive_nothing(timeout=seconds))


@asynccontextmanager
async def opened(path: str, headers: dict[str, str]) -> AsyncIterator[Socket]:
    """Have an accepted socket during a block."""
    socket = Socket(path, headers)
    accepted, code = await socket.connect()
    assert accepted, code
    yield socket
    await socket.communicator.disconnect(timeout=PATIENCE)
