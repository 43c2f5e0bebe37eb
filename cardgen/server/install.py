"""The one place that gives Daphne our classes in place of its own."""

from daphne import http_protocol  # type: ignore[import-untyped]
from daphne.server import Server  # type: ignore[import-untyped]
from daphne.ws_protocol import WebSocketFactory  # type: ignore[import-untyped]
from twisted.internet import tcp

from cardgen.server.bodies import BoundedRequest
from cardgen.server.frames import LimitedProtocol
from cardgen.server.pacing import paced
from cardgen.server.sharing import FairPort, announced


def replace_classes(*, most_frame_bytes: int, most_body_bytes: int, detail: str) -> None:
    """Apply the limits and the pace to every connection that Daphne accepts from now on.

    :param detail: what is said of a larger body
    """
    LimitedProtocol.most_bytes = most_frame_bytes
    BoundedRequest.most_bytes, BoundedRequest.detail = most_body_bytes, detail
    WebSocketFactory.protocol = LimitedProtocol
    http_protocol.WebRequest = BoundedRequest
    Server.handle_reply = paced
    Server.listen_success = announced
    tcp.Port = FairPort  # type: ignore[misc]
