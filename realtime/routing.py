"""WebSocket routes, closed by the origin check. The readers are passed in."""

# mypy: disable-error-code="no-untyped-call"
# (channels has no types)

from channels.routing import URLRouter
from django.conf import settings
from django.urls import path

from realtime.feeds import Identify, JobFeed, JobsFeed, Recent, Snapshot, TeamsOf, Viewer
from realtime.origin import OriginCheck, Receive, Scope, Send


def sockets(
    *, identify: Identify[Viewer], snapshot: Snapshot, recent: Recent, teams_of: TeamsOf
) -> OriginCheck:
    """Build the WebSocket application: origin, then session or key, then ownership."""
    one = JobFeed(identify=identify, snapshot=snapshot)
    every = JobsFeed(identify=identify, snapshot=snapshot, recent=recent, teams_of=teams_of)
    routes = [
        path("ws/jobs", every),  # type: ignore[arg-type]
        path("ws/jobs/<uuid:job_id>", one),  # type: ignore[arg-type]
        path("<path:_>", nothing),  # type: ignore[arg-type]
    ]
    return OriginCheck(
        URLRouter(routes),
        allowed_hosts=settings.ALLOWED_HOSTS,
        trusted_origins=settings.CSRF_TRUSTED_ORIGINS,
        https=settings.HTTPS,
    )


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a path nobody serves; the router alone would raise and fill the log."""
    await send({"type": "websocket.close", "code": 4404})
