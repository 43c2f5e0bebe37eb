"""Turns: so many at work at a time; of those who wait, each caller has one go in after the other.

one caller waits with 90 requests, another comes with one  ->  its request is the next but one
"""

import asyncio
from collections import OrderedDict, deque
from contextvars import ContextVar

_current: ContextVar["Turn | None"] = ContextVar("turn", default=None)


class Turn:
    """The right to be at work, until it is given up."""

    def __init__(self, turns: "Turns") -> None:
        self._turns: Turns | None = turns
        _current.set(self)

    def give_up(self) -> None:
        """Let the next one work; a second time does nothing."""
        turns, self._turns = self._turns, None
        if turns is not None:
            turns.pass_on()


def give_up_turn() -> None:
    """Let the next one work: the current request only waits from now on, or sends what it has."""
    if turn := _current.get():
        turn.give_up()


class Turns:
    """For one event loop.

    :param most: at work at a time
    :param most_waiting: of all callers together
    :param of_one: waiting, of one caller
    :param patience: seconds that anybody waits
    """

    def __init__(self, most: int, *, most_waiting: int, of_one: int, patience: float) -> None:
        self._free, self._most_waiting = most, most_waiting
        self._of_one, self._patience = of_one, patience
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    def take_now(self) -> Turn | None:
        """Take a turn if one is free."""
        if not self._free:
            return None
        self._free -= 1
        return Turn(self)

    async def take(self, caller: str) -> Turn | None:
        """Wait for a turn; None if it does not come in time, or too many wait already."""
        if turn := self.take_now():
            return turn
        queue = self._waiting.get(caller, ())
        waiting = sum(map(len, self._waiting.values()))
        if len(queue) >= self._of_one or waiting >= self._most_waiting:
            return None
        return Turn(self) if await self._called(caller) else None

    def pass_on(self) -> None:
        """Give a turn to the next caller, or keep it for who comes."""
        while self._waiting:
            caller, queue = self._waiting.popitem(last=False)
            called = queue.popleft()
            if queue:
                self._waiting[caller] = queue  # behind all others
            if not called.done():
                called.set_result(None)
                return
        self._free += 1

    async def _called(self, caller: str) -> bool:
        """Wait to be called. A call that comes as we leave is for the next one."""
        called = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(caller, deque()).append(called)
        try:
            async with asyncio.timeout(self._patience):
                await called
        except (TimeoutError, asyncio.CancelledError) as why:
            if not called.cancelled():
                self.pass_on()
            if isinstance(why, asyncio.CancelledError):
                raise
            return False
        return True
