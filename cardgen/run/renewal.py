"""New web processes in place of the old ones, without a break: `kill -USR1` of `make run`."""

import asyncio

from cardgen.run.console import Console
from cardgen.run.supervisor import Supervisor

_WEB = "web"


class Renewal:
    """Replaces the web processes one after another whenever it is told to."""

    def __init__(self, supervisor: Supervisor, console: Console) -> None:
        self._supervisor, self._console = supervisor, console
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin, unless it goes on already; this is a signal handler."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._renew())

    async def end(self) -> None:
        """Leave the rest as it is."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _renew(self) -> None:
        old = sorted(self._supervisor.serving(_WEB))
        for number, pid in enumerate(old, 1):
            if not await self._supervisor.replace(_WEB, pid):
                self._console.log(_WEB, "the new process does not serve: the old ones stay")
                return
            self._console.log(_WEB, f"process {number} of {len(old)} replaced (pid {pid} ended)")
