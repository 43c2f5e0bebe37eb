"""The one place that gives Daphne our classes in place of its own."""

from collections.abc import Callable

from daphne import http_protocol  # type: ignore[import-untyped]
from daphne.server import Server  # type: ignore[import-untyped]
from daphne.ws_protocol import WebSocketFactory  # type: ignore[import-untyped]
from twisted.internet import tcp
from twisted.python import log
from twisted.web import http

from cardgen.server.bodies import BodyLimits
from cardgen.server.channel import TimelyChannel
from cardgen.server.ending import LastRequest, farewell
from cardgen.server.feeding import create_application
from cardgen.server.frames import LimitedProtocol
from cardgen.server.pacing import paced
from cardgen.server.sharing import FairPort, announced


def replace_classes(
    *,
    most_frame_bytes: int,
    bodies: BodyLimits,
    close_code: int,
    wake: Callable[[], None],
) -> None:
    """Apply the limits and the pace to every connection that Daphne accepts from now on.

    :param close_code: what WebSockets are told when the process ends
    :param wake: ends the waiting of requests that wait for news
    """
    # What Twisted has to say goes the way of all log lines, through the mask.
    log.PythonLoggingObserver("twisted").start()  # type: ignore[no-untyped-call]
    LimitedProtocol.most_bytes = most_frame_bytes
    LastRequest.limits = bodies
    WebSocketFactory.protocol = LimitedProtocol
    http_protocol.WebRequest = LastRequest
    # Twisted would write each request's line for nobody: Daphne has an access log of its own.
    http_protocol.HTTPFactory.log = lambda _factory, _request: None
    http.HTTPChannel = TimelyChannel  # type: ignore[misc]
    Server.create_application = create_application
    Server.handle_reply = paced
    Server.listen_success = announced
    Server.kill_all_applications = farewell(close_code=close_code, wake=wake)
    tcp.Port = FairPort  # type: ignore[misc]
