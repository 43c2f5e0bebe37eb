"""Live figures over WebSockets: one job, or all jobs of the caller.

PostgreSQL holds the figures. A message on the channel layer only says that a job has a new version;
the source then reads again, and it reads every few seconds anyway: lost messages cost nothing.
Who the caller is and what they may read is passed in: this module knows no model.
"""

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar
from uuid import UUID

from channels.db import database_sync_to_async
from django.conf import settings
from redis.exceptions import RedisError

from realtime.groups import job_group, owner_group, team_group
from realtime.origin import Message, Receive, Scope, Send, address_of, headers_of
from realtime.sources import Groups, Read, detached, read_as, watching
from realtime.watchers import Figures, Gone, News, Watcher
from toolkit.database import AWAY
from toolkit.seats import Seats

logger = logging.getLogger(__name__)

MOST_FRAME_BYTES = 4096
_CREDENTIALS = ("authorization", "x-api-key", "cookie", "origin")
_MOST_FRAMES, _FRAMES_SECONDS = 100, 4.0
# Two users with all they can get leave a fifth for others.
places = Seats(
    "sockets", settings.CARDGEN_SOCKETS, of_one=max(settings.CARDGEN_SOCKETS * 2 // 5, 1)
)


class Viewer(Protocol):
    """Whoever watches."""

    @property
    def pk(self) -> Any:
        """Their primary key."""


V = TypeVar("V", bound=Viewer)
Credentials = tuple[str | None, ...]
Identify = Callable[[dict[str, str], str | None], V | None]
Snapshot = Callable[[Any, UUID], Figures | None]
Recent = Callable[[Any], list[Figures]]
TeamsOf = Callable[[Any], Iterable[int]]


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


class Feed(ABC, Generic[V]):
    """An ASGI application that sends what is new in a source to each of its sockets.

    Subclasses say which groups they hear and how they read.
    """

    recheck_seconds: ClassVar[float] = 30.0
    send_patience: ClassVar[float] = 10.0

    def __init__(self, *, identify: Identify[V]) -> None:
        self._identify = database_sync_to_async(identify)
        self._asked: dict[Credentials, asyncio.Task[V | None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket, and say why it ends unless the client ended it."""
        try:
            code = await self._serve(scope, receive, send)
        except Gone:
            code = CloseCode.NOT_FOUND
        except (RedisError, OSError, *AWAY) as error:
            logger.warning("a live socket ends: %s", type(error).__name__)
            code = CloseCode.TRY_AGAIN
        if code is not None:
            await send({"type": "websocket.close", "code": code})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> int | None:
        viewer = await self._who(scope)
        if viewer is None:
            return CloseCode.NOT_AUTHENTICATED
        place = places.take(viewer.pk)
        if place is None:
            await send({"type": "websocket.accept"})  # who is not accepted sees no code
            return CloseCode.TOO_MANY
        groups, read = self.groups_of(viewer, scope), self.reader_of(viewer, scope)
        with place:
            async with watching(groups=groups, viewer=viewer.pk, read=read) as watcher:
                return await _first(_hear(receive), self._tell(scope, send, viewer, watcher))

    async def _who(self, scope: Scope) -> V | None:
        """Ask once for all who come with the same credentials while the answer is on its way.

        After a restart a thousand come back at once, and Daphne gives each five seconds.
        """
        headers, address = headers_of(scope), address_of(scope)
        sent = (address, *(headers.get(name) for name in _CREDENTIALS))
        asked = self._asked.get(sent)
        if asked is None:
            asked = self._asked[sent] = detached(self._identify(headers, address))
            asked.add_done_callback(lambda _: self._asked.pop(sent))
        return await asyncio.shield(asked)

    async def _tell(self, scope: Scope, send: Send, viewer: V, watcher: Watcher) -> int | None:
        """Read, then accept: the source has joined its groups by then, no change falls between."""
        news = await watcher.news()
        await send({"type": "websocket.accept"})
        check_at = time.monotonic() + self.recheck_seconds
        while True:
            await self._send(send, news)
            news = await watcher.news(within=check_at - time.monotonic())
            if time.monotonic() >= check_at:
                if (code := await self._ask_again(scope, viewer)) is not None:
                    return code
                check_at = time.monotonic() + self.recheck_seconds

    async def _send(self, send: Send, news: Iterable[News]) -> None:
        for one in news:
            async with asyncio.timeout(self.send_patience):
                await send({"type": "websocket.send", "text": one.text})

    async def _ask_again(self, scope: Scope, viewer: V) -> int | None:
        """A session may have ended, a key been revoked, a role been taken away, a team been left.

        With other groups to hear than at first the client is to come back: it needs another source.
        """
        again = await self._who(scope)
        if again is None or again.pk != viewer.pk:
            return CloseCode.NOT_AUTHENTICATED
        groups = self.groups_of(again, scope)
        if groups != self.groups_of(viewer, scope):
            return CloseCode.TRY_AGAIN
        read_as(groups=groups, viewer=again.pk, read=self.reader_of(again, scope))
        return None

    @abstractmethod
    def groups_of(self, viewer: V, scope: Scope) -> Groups:
        """Name the groups to hear."""

    @abstractmethod
    def reader_of(self, viewer: V, scope: Scope) -> Read:
        """Return what reads the figures for a viewer; see `Read`."""


class JobFeed(Feed[Viewer]):
    """`/ws/jobs/<id>`: one job."""

    def __init__(self, *, identify: Identify[Viewer], snapshot: Snapshot) -> None:
        super().__init__(identify=identify)
        self._snapshot = database_sync_to_async(snapshot)

    def groups_of(self, viewer: Viewer, scope: Scope) -> Groups:
        """The job's own group."""
        return (job_group(_job_id(scope)),)

    def reader_of(self, viewer: Viewer, scope: Scope) -> Read:
        """Read the job."""

        async def read(_changed: set[str]) -> list[Figures] | None:
            found = await self._snapshot(viewer, _job_id(scope))
            return None if found is None else [found]

        return read


@dataclass(frozen=True, slots=True)
class Member:
    """A viewer, and the teams whose jobs they hear of."""

    viewer: Viewer
    teams: tuple[int, ...]

    @property
    def pk(self) -> Any:
        """The viewer's."""
        return self.viewer.pk


class JobsFeed(Feed[Member]):
    """`/ws/jobs`: active and recent jobs of the caller and their teams, and any that changes."""

    def __init__(
        self,
        *,
        identify: Identify[Viewer],
        snapshot: Snapshot,
        recent: Recent,
        teams_of: TeamsOf,
    ) -> None:
        def identify_member(headers: dict[str, str], address: str | None) -> Member | None:
            viewer = identify(headers, address)
            return None if viewer is None else Member(viewer, tuple(teams_of(viewer)))

        super().__init__(identify=identify_member)
        self._snapshot = database_sync_to_async(snapshot)
        self._recent = database_sync_to_async(recent)

    def groups_of(self, viewer: Member, scope: Scope) -> Groups:
        """The caller's group, and those of their teams."""
        return (owner_group(viewer.pk), *map(team_group, viewer.teams))

    def reader_of(self, viewer: Member, scope: Scope) -> Read:
        """Read the recent jobs, and older ones that were announced (one that has just ended)."""

        async def read(changed: set[str]) -> list[Figures]:
            found: list[Figures] = await self._recent(viewer.viewer)
            older = changed - {job["id"] for job in found}
            extra = [await self._snapshot(viewer.viewer, UUID(job_id)) for job_id in sorted(older)]
            return found + [job for job in extra if job is not None]

        return read


def _job_id(scope: Scope) -> UUID:
    job_id: UUID = scope["url_route"]["kwargs"]["job_id"]
    return job_id


async def _hear(receive: Receive) -> int | None:
    """Clients have nothing to say: small frames are ignored, big or many ones end it."""
    frames, since = 0, time.monotonic()
    while (message := await receive())["type"] != "websocket.disconnect":
        if len(_payload(message)) > MOST_FRAME_BYTES:
            return CloseCode.TOO_BIG
        if time.monotonic() - since > _FRAMES_SECONDS:
            frames, since = 0, time.monotonic()
        frames += 1
        if frames > _MOST_FRAMES:
            return CloseCode.TOO_MANY
    return None


def _payload(message: Message) -> bytes:
    payload: bytes = message.get("bytes") or (message.get("text") or "").encode()
    return payload


async def _first(*sides: Coroutine[Any, Any, int | None]) -> int | None:
    """Run all until one ends; return or raise what that one does."""
    tasks = [asyncio.create_task(side) for side in sides]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
