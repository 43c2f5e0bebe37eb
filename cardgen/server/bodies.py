"""Have Daphne refuse big request bodies while they arrive, and hand over others bit by bit.

Daphne takes a body of any size and then hands all of it to the application at once, in memory,
before a view can refuse it. It has no option for this, so the request class is replaced.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any

from twisted.protocols.tls import TLSMemoryBIOProtocol
from twisted.web.http_headers import Headers

from cardgen.access.keys.text import is_plausible, key_sent
from cardgen.http.errors import MEDIA_TYPE, problem
from cardgen.server.pacing import PacedRequest
from cardgen.server.rooted import below
from realtime.origin import Scope, headers_of

_PHRASES = {
    400: "Bad Request",
    401: 'Unauthorized\r\nWWW-Authenticate: Bearer realm="cardgen"',
    403: "Forbidden",
    413: "Content Too Large",
    503: "Service Unavailable\r\nRetry-After: 5",
}
"""What follows the status, with the header fields that go with it (RFC 9110)."""
Refused = Callable[[Scope], Mapping[str, Any] | None]
"""Returns the problem that answers the head of an upload; None: its sender may go on."""
_WITHOUT = {b"GET", b"HEAD"}
_HEALTH = "/health"


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimit:
    """The most bytes of a body, and what is said of a larger one."""

    most: int
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimits:
    """Which limit holds: uploads are for routes that take them, from who has credentials."""

    usual: BodyLimit
    upload: BodyLimit
    upload_paths: frozenset[str]
    session_cookie: str
    refused_upload: Refused

    def of(self, method: bytes, target: bytes, headers: Headers, *, root: str = "") -> BodyLimit:
        """Decide by the head of a request.

        :param root: what a proxy may have left before the path
        """
        path = below(root.rstrip("/"), target.partition(b"?")[0].decode("latin-1"))
        if method in _WITHOUT or path.startswith(_HEALTH):
            return BodyLimit(most=0, detail="This request has no body.")
        uploads = path in self.upload_paths and self._has_credentials(headers)
        return self.upload if uploads else self.usual

    def _has_credentials(self, headers: Headers) -> bool:
        sent = headers_of({"headers": raw_headers(headers)})
        key = key_sent(sent)
        if key is not None:
            return is_plausible(key)
        return f"{self.session_cookie}=" in sent.get("cookie", "")


def raw_headers(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Return the header fields as a scope of ASGI has them."""
    sent = headers.getAllRawHeaders()
    return [(name.lower(), value) for name, values in sent for value in values]


class BoundedRequest(PacedRequest):
    """Answers 413 (RFC 9110) as soon as a header announces too much, and hangs up."""

    limits: BodyLimits
    limit: BodyLimit
    refused = False
    received = 0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._parsePOSTFormSubmission = False  # Django does; Twisted would read all of it first

    def gotLength(self, length: int | None) -> None:  # noqa: N802 (Twisted's name)
        """Look at what is announced."""
        super().gotLength(length)
        head = self.channel._command, self.channel._path, self.requestHeaders  # noqa: SLF001
        self.limit = self.limits.of(*head, root=self.server.root_path or "")
        if self.limit != self.limits.upload:
            self.content = BytesIO()  # it may hold card numbers: never a temporary file
        if self.channel._version != b"HTTP/1.1" and length is None:  # noqa: SLF001
            self._refuse(problem(400, detail="HTTP/1.0 knows no Transfer-Encoding."))
        elif length is not None and length > self.limit.most:
            self._refuse(problem(413, detail=self.limit.detail))

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        """Count what comes unannounced."""
        self.received += len(data)
        if self.received > self.limit.most and not self.refused:
            self._refuse(problem(413, detail=self.limit.detail))
        if not self.refused:
            super().handleContentChunk(data)

    def requestReceived(self, *arguments: Any) -> None:  # noqa: N802
        """Hand only what was not refused to the application.

        Daphne would let this header move the root of all paths, past the rules of a proxy.
        """
        self.requestHeaders.removeHeader(b"daphne-root-path")
        if not self.refused:
            super().requestReceived(*arguments)

    def take_body(self) -> IO[bytes]:
        """Give the body away: Daphne finds an empty one."""
        body: IO[bytes] = self.content
        self.content = BytesIO()
        return body

    def _refuse(self, body: Mapping[str, Any]) -> None:
        self.refused = True
        content, code = json.dumps(body).encode(), body["status"]
        head = (
            f"HTTP/1.1 {code} {_PHRASES[code]}\r\nContent-Type: {MEDIA_TYPE}\r\n"
            f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
        )
        self.channel.transport.write(head.encode() + content)
        self._hang_up()

    def _hang_up(self) -> None:
        """Close the connection once the answer is sent.

        TLS would wait for the client to say that it ends too, and read on until then.
        """
        transport = self.channel.transport
        below: Any = transport.transport if isinstance(transport, TLSMemoryBIOProtocol) else None
        self.channel.loseConnection()
        if below is not None:
            below.loseConnection()
