"""The gate in front of Django: what is refused here has cost no thread and no question to a server.

the 60,001st request of a minute     ->  429 too_many_requests
POST /login, two passwords are being checked  ->  429 too_many_logins
ten at work, 500 wait                ->  503 unavailable
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.conf import settings

from cardgen.http.bare import send_problem
from cardgen.http.errors import problem
from realtime.origin import Application, Receive, Scope, Send
from toolkit.addresses import client_address, network_name
from toolkit.rates import Meter
from toolkit.seats import Seats
from toolkit.turns import Turn, Turns

_SAFE = {"GET", "HEAD", "OPTIONS"}
_RETRY_SECONDS = 2
_MANY = problem(429, detail="Your address sends too many requests. Wait, then go on slower.")
_FULL = problem(503, detail="Too many requests wait already. Nothing was done; try again.")
_CLOSE_TOO_MANY = 4429


def known_address(scope: Scope) -> str:
    """Read the client's address from the right end of `X-Forwarded-For`."""
    peer, _ = scope.get("client") or ("", 0)
    said = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    forwarded = b",".join(said).decode("latin-1")
    return client_address(peer, forwarded, settings.CARDGEN_TRUSTED_PROXIES)


class KnownClient:
    """Has everything behind it see the client's address, and not that of a proxy of ours."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the address into the scope."""
        _, port = scope.get("client") or ("", 0)
        client = [known_address(scope), port]
        await self._application({**scope, "client": client}, receive, send)


class Handshakes:
    """Counts the handshakes of an address, before anybody looks at their keys."""

    def __init__(self, application: Application, meter: Meter) -> None:
        self._application, self._meter = application, meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse one too many: HTTP 403, as everything before a socket is accepted."""
        count = self._meter.take(network_name(scope["client"][0]))
        if count and count.wait:
            return await send({"type": "websocket.close", "code": _CLOSE_TOO_MANY})
        return await self._application(scope, receive, send)


class AddressLimit:
    """Counts the requests of an address."""

    def __init__(self, application: Application, meter: Meter) -> None:
        self._application, self._meter = application, meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse one too many."""
        count = self._meter.take(network_name(scope["client"][0]))
        if count and count.wait:
            return await send_problem(scope, send, _MANY, retry_after=ceil(count.wait))
        return await self._application(scope, receive, send)


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrow:
    """Routes that few may use at a time, on all web processes of this machine together."""

    paths: frozenset[str]
    places: Seats
    full: Mapping[str, Any]
    """The problem that is answered when no place is left."""


class Narrows:
    """Refuses what finds no place on a narrow route."""

    def __init__(self, application: Application, narrows: list[Narrow]) -> None:
        self._application = application
        self._narrows = {path: narrow for narrow in narrows for path in narrow.paths}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold a place until the request is done. To look at a form needs none."""
        narrow = self._narrows.get(scope["path"])
        if narrow is None or scope["method"].upper() in _SAFE:
            return await self._application(scope, receive, send)
        place = narrow.places.take()
        if place is None:
            return await send_problem(scope, send, narrow.full, retry_after=_RETRY_SECONDS)
        with place:
            return await self._application(scope, receive, send)


class InTurns:
    """Lets so many requests at work as there are database connections for.

    :param caller: names who asks, for those who wait
    """

    def __init__(
        self, application: Application, turns: Turns, caller: Callable[[Scope], str]
    ) -> None:
        self._application, self._turns, self._caller = application, turns, caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for a turn, and keep it until the answer is there or a stream begins."""
        turn = self._turns.take_now() or await self._turns.take(self._caller(scope))
        if turn is None:
            return await send_problem(scope, send, _FULL, retry_after=_RETRY_SECONDS)
        try:
            return await self._application(scope, receive, _until_streamed(send, turn))
        finally:
            turn.give_up()


def _until_streamed(send: Send, turn: Turn) -> Send:
    """Give the turn up with the first piece of several: a client may read them for hours."""

    async def sent(message: Any) -> None:
        if message.get("more_body"):
            turn.give_up()
        await send(message)

    return sent


class Gate:
    """All of it, in the order in which refusals cost least; some paths go by."""

    def __init__(self, application: Application, limited: Application, *, free: tuple[str, ...]):
        self._application, self._limited, self._free = application, limited, free

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send static files, probes and the schema past the gate: they ask no database."""
        past = scope["path"].startswith(self._free)
        await (self._application if past else self._limited)(scope, receive, send)
