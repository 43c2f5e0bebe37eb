"""A receiver for the terminal: takes messages, checks who signed them, answers the challenge."""

import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from jobs.webhooks.signing import standard_signature

_MOST_BYTES = 1_000_000
_MOST_SECONDS = 300
_PATIENCE = 10.0  # seconds for a message to come whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What arrived, and whether it was signed with the secret a short time ago."""

    event: str
    delivery: str
    genuine: bool
    body: bytes


def receiver(*, port: int, secret: str, shown: Callable[[Message], None]) -> ThreadingHTTPServer:
    """Listen on this machine alone; each message is shown, and sent back as its answer.

    :param port: 0 for a free one
    :raises OSError: if the port is taken
    """

    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > _MOST_BYTES:
                self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                return
            body = self.rfile.read(int(length))
            shown(_message(dict(self.headers.items()), body, secret=secret))
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: what arrived is shown."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def _message(sent: Mapping[str, str], body: bytes, *, secret: str) -> Message:
    headers = {name.lower(): value for name, value in sent.items()}
    return Message(
        event=headers.get("x-cardgen-event", ""),
        delivery=headers.get("webhook-id", ""),
        genuine=_is_genuine(headers, body, secret=secret),
        body=body,
    )


def _is_genuine(headers: Mapping[str, str], body: bytes, *, secret: str) -> bool:
    """Check as Standard Webhooks 1.0 says: the signature, then the age."""
    at = headers.get("webhook-timestamp", "")
    if not at.isdecimal() or abs(time.time() - int(at)) > _MOST_SECONDS:
        return False
    message = headers.get("webhook-id", "")
    wanted = standard_signature(secret, message=message, body=body, at=int(at))
    return hmac.compare_digest(wanted, headers.get("webhook-signature", ""))
