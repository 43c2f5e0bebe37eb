"""A request as it goes over the wire, and how to send it again by hand."""

import base64
import bz2
import contextlib
import http.client
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from chaos.world.web import Answer, Web

_HOST = "127.0.0.1"
_TIMEOUT = 30.0
_MOST_READ = 1_000_000
_ENDLESS = "text/event-stream"
_OURS = {"x-api-key", "authorization", "cookie", "host", "content-length", "transfer-encoding"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRequest:
    """`target` is path and query, percent-encoded; the caller's key is added when it is sent."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None

    def send(self, web: Web, *, key: str) -> Answer:
        """Send it; status 0 if nobody answered. Of an endless answer only the head is read."""
        connection = http.client.HTTPConnection(_HOST, web.port, timeout=_TIMEOUT)
        try:
            # Who refuses a body for its size hangs up before all of it has come.
            with contextlib.suppress(ConnectionError):
                connection.request(self.method, self.target, self.body, self._sent(key))
            found = connection.getresponse()
            media_type = found.headers.get("Content-Type", "")
            body = b"" if media_type.startswith(_ENDLESS) else found.read(_MOST_READ)
            return Answer(status=found.status, media_type=media_type, body=body)
        except (OSError, http.client.HTTPException):
            return Answer(status=0, media_type="", body=b"")
        finally:
            connection.close()

    def as_curl(self) -> str:
        """Write it as a shell command; `$URL` is the service and `$KEY` the caller's API key."""
        headers = [f"-H {shlex.quote(f'{name}: {text}')}" for name, text in self._clean().items()]
        parts = [f"curl -g --path-as-is -X {self.method}", *headers, '-H "X-API-Key: $KEY"']
        parts.append(f'"$URL"{shlex.quote(self.target)}')
        if self.body is None:
            return " ".join(parts)
        packed = base64.b64encode(bz2.compress(self.body)).decode()
        return f"echo {packed} | base64 -d | bunzip2 | {' '.join(parts)} --data-binary @-"

    def _clean(self) -> dict[str, str]:
        return {name: text for name, text in self.headers.items() if name.lower() not in _OURS}

    def _sent(self, key: str) -> dict[str, str]:
        return self._clean() | {"X-API-Key": key, "Connection": "close"}
