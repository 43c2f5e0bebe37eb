"""Have Daphne refuse big request bodies while they arrive.

Daphne takes a body of any size and then hands all of it to the application at once, in memory,
before a view can refuse it. It has no option for this, so the request class is replaced.
"""

import json
from typing import Any

from cardgen.http.errors import MEDIA_TYPE, problem
from cardgen.server.pacing import PacedRequest


class BoundedRequest(PacedRequest):
    """Answers 413 (RFC 9110) as soon as a header announces too much, and hangs up.

    `detail` is what it says then.
    """

    most_bytes: int
    detail: str
    refused = False
    received = 0

    def gotLength(self, length: int | None) -> None:  # noqa: N802 (Twisted's name)
        """Look at what is announced."""
        super().gotLength(length)
        if length is not None and length > self.most_bytes:
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        """Count what comes unannounced."""
        self.received += len(data)
        if self.received > self.most_bytes and not self.refused:
            self._refuse()
        if not self.refused:
            super().handleContentChunk(data)

    def requestReceived(self, *arguments: Any) -> None:  # noqa: N802
        """Hand only what was not refused to the application."""
        if not self.refused:
            super().requestReceived(*arguments)

    def _refuse(self) -> None:
        self.refused = True
        body = json.dumps(problem(413, detail=self.detail)).encode()
        head = (
            f"HTTP/1.1 413 Content Too Large\r\nContent-Type: {MEDIA_TYPE}\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.channel.transport.write(head.encode() + body)
        self.channel.transport.loseConnection()
