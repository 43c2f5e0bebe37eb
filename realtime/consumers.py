"""Live figures over WebSockets: one job, or all jobs of the caller.

PostgreSQL holds the figures. A message on the channel layer only says that a job has a new version;
a socket then reads again, and it reads every few seconds anyway: lost messages cost nothing.
Who the caller is and what they may read is passed in: this module knows no model.
"""

# mypy: disable-error-code="no-untyped-call"
# (channels has no types)

import asyncio
import contextlib
import json
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, Protocol
from uuid import UUID

from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.utils import await_many_dispatch
from redis.exceptions import RedisError

from realtime.groups import job_group, owner_group
from realtime.origin import Receive, Scope, Send, address_of, headers_of

logger = logging.getLogger(__name__)

MOST_FRAME_BYTES = 4096

Figures = dict[str, Any]


class Viewer(Protocol):
    """Whoever watches."""

    pk: Any


Identify = Callable[[dict[str, str], str | None], Viewer | None]
Snapshot = Callable[[Any, UUID], Figures | None]
Recent = Callable[[Any], list[Figures]]


class Unavailable(Exception):
    """Raised by the readers while the database does not answer."""


class CloseCode:
    """Why a socket ends: 4000 + the HTTP status that says the same.

    Before a socket is accepted, servers turn each of them into HTTP 403. Daphne sends no code below
    3000 but 1000; for messages that are too big it does so by itself (cardgen.server.frames).
    """

    TOO_BIG = 1009
    NOT_AUTHENTICATED = 4401
    NOT_FOUND = 4404
    TOO_MANY = 4429
    TRY_AGAIN = 4503


class Feed(AsyncWebsocketConsumer, ABC):
    """Sends newer versions of the jobs it watches, in order, at most four times a second.

    Subclasses say which groups they hear and how they read.
    """

    # Lost messages are made up for within 5 s (R18), reading and sending included.
    reread_seconds: ClassVar[float] = 4.0
    recheck_seconds: ClassVar[float] = 30.0
    least_pause: ClassVar[float] = 0.25
    send_patience: ClassVar[float] = 10.0
    most_frame_bytes: ClassVar[int] = MOST_FRAME_BYTES
    most_frames: ClassVar[int] = 100

    def __init__(self, *, identify: Identify) -> None:
        super().__init__()
        self._identify = database_sync_to_async(identify)
        self._viewer: Any = None
        self._joined: list[str] = []
        self._accepted = False
        self._sent: dict[str, int] = {}
        self._changed: set[str] = set()
        self._wake = asyncio.Event()
        self._checked_at = time.monotonic()
        self._frames = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket. Whatever ends it, no group keeps its channel."""
        self.scope, self.base_send = scope, send
        try:
            await self._serve(receive)
        except StopConsumer:
            pass
        except Unavailable:
            await self._try_again_later("the database does not answer")
        except (RedisError, OSError) as error:
            await self._try_again_later(type(error).__name__)
        finally:
            await self._leave()

    async def _serve(self, receive: Receive) -> None:
        self._viewer = await self._identify(headers_of(self.scope), address_of(self.scope))
        if self._viewer is None:
            await self._end(CloseCode.NOT_AUTHENTICATED)
        self.channel_layer = get_channel_layer()
        self.channel_name = await self.channel_layer.new_channel()
        hear = partial(self.channel_layer.receive, self.channel_name)
        await await_many_dispatch([receive, hear, self._clock], self.dispatch)

    async def websocket_connect(self, message: object) -> None:
        """Join, then read, then accept: no change falls between the reading and the listening."""
        for group in self.groups_of(self._viewer):
            self._joined.append(group)
            await self.channel_layer.group_add(group, self.channel_name)
        first = await self._read()
        await self.accept()
        self._accepted = True
        await self._tell(first)

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        """Clients have nothing to say: small frames are ignored, big or many ones end it."""
        frame = message.get("bytes") or (message.get("text") or "").encode()
        self._frames += 1
        if len(frame) > self.most_frame_bytes:
            await self._end(CloseCode.TOO_BIG)
        if self._frames > self.most_frames:
            await self._end(CloseCode.TOO_MANY)

    async def job_changed(self, message: dict[str, Any]) -> None:
        """Wake the clock if the version is news."""
        if message["version"] > self._sent.get(message["id"], 0):
            self._changed.add(message["id"])
            self._wake.set()

    async def feed_tick(self, message: object) -> None:
        """Check who is watching, read again, send what is newer."""
        self._wake.clear()
        self._frames = 0
        if self._accepted:
            await self._recheck()
            await self._tell(await self._read())

    async def _clock(self) -> dict[str, str]:
        """Tick when something has changed, after a pause, and now and then anyway."""
        await asyncio.sleep(self.least_pause)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), self.reread_seconds - self.least_pause)
        return {"type": "feed.tick"}

    async def _recheck(self) -> None:
        """A session may have ended, a key been revoked, a role been taken away."""
        if time.monotonic() - self._checked_at < self.recheck_seconds:
            return
        again = await self._identify(headers_of(self.scope), address_of(self.scope))
        if again is None or again.pk != self._viewer.pk:
            await self._end(CloseCode.NOT_AUTHENTICATED)
        self._viewer, self._checked_at = again, time.monotonic()

    async def _read(self) -> list[Figures]:
        changed, self._changed = self._changed, set()
        found = await self.read(self._viewer, changed)
        if found is None:
            await self._end(CloseCode.NOT_FOUND)
        return found or []

    async def _tell(self, found: list[Figures]) -> None:
        """Send what is newer; remember only what is still watched, so that nothing piles up."""
        before, self._sent = self._sent, {}
        for job in found:
            last, version = before.get(job["id"], 0), job["version"]
            self._sent[job["id"]] = max(last, version)
            if version > last:
                async with asyncio.timeout(self.send_patience):
                    await self.send(text_data=json.dumps(job))

    async def _end(self, code: int) -> None:
        await self.close(code)
        raise StopConsumer

    async def _try_again_later(self, reason: str) -> None:
        logger.warning("a live socket ends: %s", reason)
        await self.close(CloseCode.TRY_AGAIN)

    async def _leave(self) -> None:
        try:
            for group in self._joined:
                await self.channel_layer.group_discard(group, self.channel_name)
        except (RedisError, OSError) as error:
            logger.warning("a live socket could not leave its group (%s)", type(error).__name__)

    @abstractmethod
    def groups_of(self, viewer: Viewer) -> list[str]:
        """Name the groups to hear."""

    @abstractmethod
    async def read(self, viewer: Viewer, changed: set[str]) -> list[Figures] | None:
        """Read the figures of what is watched, None if that is not the viewer's to see.

        `changed` are the ids announced since the last reading.
        """


class JobFeed(Feed):
    """`/ws/jobs/<id>`: one job."""

    def __init__(self, *, identify: Identify, snapshot: Snapshot) -> None:
        super().__init__(identify=identify)
        self._snapshot = database_sync_to_async(snapshot)

    @property
    def _job_id(self) -> UUID:
        job_id: UUID = self.scope["url_route"]["kwargs"]["job_id"]
        return job_id

    def groups_of(self, viewer: Viewer) -> list[str]:
        """The job's own group."""
        return [job_group(self._job_id)]

    async def read(self, viewer: Viewer, changed: set[str]) -> list[Figures] | None:
        """Read the job."""
        found = await self._snapshot(viewer, self._job_id)
        return None if found is None else [found]


class JobsFeed(Feed):
    """`/ws/jobs`: the caller's active and recent jobs, and any of their jobs that changes."""

    def __init__(self, *, identify: Identify, snapshot: Snapshot, recent: Recent) -> None:
        super().__init__(identify=identify)
        self._snapshot = database_sync_to_async(snapshot)
        self._recent = database_sync_to_async(recent)

    def groups_of(self, viewer: Viewer) -> list[str]:
        """The caller's group."""
        return [owner_group(viewer.pk)]

    async def read(self, viewer: Viewer, changed: set[str]) -> list[Figures]:
        """Read the recent jobs, and older ones that were announced (one that has just ended)."""
        found: list[Figures] = await self._recent(viewer)
        older = changed - {job["id"] for job in found}
        extra = [await self._snapshot(viewer, UUID(job_id)) for job_id in sorted(older)]
        return found + [job for job in extra if job is not None]
