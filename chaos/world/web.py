"""Speak to the web process: HTTP, and as much WebSocket (RFC 6455) as reading figures takes."""

import base64
import contextlib
import http.client
import json
import os
import select
import socket
import struct
from dataclasses import dataclass
from typing import Any

_HOST = "127.0.0.1"
_TEXT, CLOSE = 0x1, 0x8  # opcodes; a ping goes unanswered: the page then opens anew
_LONG, _LONGER = 126, 127


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer; status 0 means that nobody answered, though it may have been heard."""

    status: int
    media_type: str
    body: bytes
    was_cut_off: bool = False

    @property
    def json(self) -> dict[str, Any]:
        """The body as a JSON object."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def is_problem(self) -> bool:
        """Tell whether it is an RFC 9457 problem."""
        return self.media_type.startswith("application/problem+json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """A web process on this machine, and a key to it."""

    port: int
    api_key: str

    def ready(self) -> bool:
        """Ask whether it can do its work."""
        return self.ask("/health/ready").status == http.HTTPStatus.OK

    def ask(
        self,
        path: str,
        *,
        body: dict[str, Any] | None = None,
        timeout: float = 30.0,
        idempotency_key: str = "",
    ) -> Answer:
        """GET, or POST a body."""
        connection = http.client.HTTPConnection(_HOST, self.port, timeout=timeout)
        sent = {"X-API-Key": self.api_key, "Content-Type": "application/json"}
        if idempotency_key:
            sent["Idempotency-Key"] = idempotency_key
        data = None if body is None else json.dumps(body).encode()
        heard = False
        try:
            connection.request("GET" if body is None else "POST", path, data, sent)
            heard = True
            found = connection.getresponse()
            media_type = found.headers.get("Content-Type", "")
            return Answer(status=found.status, media_type=media_type, body=found.read())
        except (OSError, http.client.HTTPException):
            return Answer(status=0, media_type="", body=b"", was_cut_off=heard)
        finally:
            connection.close()


class LivePage:
    """What a dashboard does: it keeps a socket, opens it again when it breaks, shows the newest."""

    def __init__(self, web: Web, *, job_id: str) -> None:
        """Watch one job; nothing is opened yet."""
        self._web, self._path = web, f"/ws/jobs/{job_id}"
        self._socket: socket.socket | None = None
        self.shown: dict[str, Any] = {}

    def look(self, *, seconds: float) -> dict[str, Any]:
        """Read for at most so long what the socket brings; return the figures shown then."""
        try:
            if self._socket is None:
                self._socket = shake_hands(self._web, self._path)
            if select.select([self._socket], [], [], seconds)[0]:
                self._take(read_frame(self._socket))
        except (OSError, ValueError):
            self.close()
        return self.shown

    def _take(self, frame: tuple[int, bytes]) -> None:
        opcode, body = frame
        if opcode == _TEXT:
            self.shown = json.loads(body)
        elif opcode == CLOSE:
            self.close()

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None


def shake_hands(web: Web, path: str, *more: str) -> socket.socket:
    """Open a WebSocket.

    :param more: further header lines
    :raises ConnectionError: if the server says no, with its status line
    """
    found = socket.create_connection((_HOST, web.port), timeout=5)
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {_HOST}:{web.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        f"X-API-Key: {web.api_key}",
        *more,
    ]
    with contextlib.ExitStack() as stack:
        stack.callback(found.close)
        found.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += _exactly(found, 1)
        if b" 101 " not in answer.split(b"\r\n", 1)[0]:
            raise ConnectionError(answer.split(b"\r\n", 1)[0].decode())
        stack.pop_all()
    return found


def read_frame(connection: socket.socket) -> tuple[int, bytes]:
    """Read a frame: opcode and payload; servers send them unmasked.

    :raises ConnectionError: if the server hangs up
    """
    first, second = _exactly(connection, 2)
    length = second & 0x7F
    if length == _LONG:
        length = struct.unpack("!H", _exactly(connection, 2))[0]
    elif length == _LONGER:
        length = struct.unpack("!Q", _exactly(connection, 8))[0]
    return first & 0x0F, _exactly(connection, length)


def _exactly(connection: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        piece = connection.recv(count - len(found))
        if not piece:
            raise ConnectionError("the server hung up")
        found += piece
    return found
