"""Publish "job X is now version N" to watchers. Never raises: a lost message costs nothing."""

import asyncio
import logging
import time
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from realtime.groups import job_group, list_groups
from toolkit.gathering import Gatherer

logger = logging.getLogger(__name__)

_PATIENCE = 1.0
"""Seconds for one message: the layer's socket has no timeout, and a hung Valkey held a worker."""
_PAUSE = 5.0
"""Seconds of silence after a failure: as long as watchers need to find out by themselves."""


class _Loudspeaker:
    """Sends over the channel layer; after a failure it keeps still for a while.

    A worker has no event loop: each message then runs in a loop of its own, whose connection is
    closed with it (measured: 5 ms, no descriptor left after 400). In Daphne it runs in the
    server's loop, over its connection.
    """

    def __init__(self) -> None:
        self._quiet_until = 0.0

    def say(self, groups: tuple[str, ...], message: dict[str, object]) -> None:
        if time.monotonic() < self._quiet_until:
            return
        try:
            async_to_sync(_send)(groups, message)
        except (RedisError, OSError, RuntimeError) as error:
            self._quiet_until = time.monotonic() + _PAUSE
            logger.warning("live channel does not answer (%s)", type(error).__name__)


def announce(*, job_id: UUID, owner_id: int, version: int, team_id: int | None = None) -> None:
    """Send the message to the job's group, to its owner's and to its team's."""
    lists = list_groups(owner_id=owner_id, team_id=team_id)
    _loudspeaker.say((job_group(job_id), *lists), _changed(job_id, version))


def _changed(job_id: UUID, version: int) -> dict[str, object]:
    return {"type": "job.changed", "id": str(job_id), "version": version}


def announce_soon(*, job_id: UUID, owner_id: int, version: int, team_id: int | None = None) -> None:
    """Send the message to owner and team half a second later, unless a newer one comes.

    A thread of its own sends it: nobody who orders waits for Valkey.
    """
    for group in list_groups(owner_id=owner_id, team_id=team_id):
        _soon.add(group, _changed(job_id, version))


def _say_last(group: str, messages: list[dict[str, object]]) -> None:
    _loudspeaker.say((group,), messages[-1])


async def _send(groups: tuple[str, ...], message: dict[str, object]) -> None:
    layer = get_channel_layer()  # type: ignore[no-untyped-call]
    async with asyncio.timeout(_PATIENCE):
        for group in groups:
            await layer.group_send(group, message)


_loudspeaker = _Loudspeaker()
_soon = Gatherer(_say_last, seconds=0.5)
