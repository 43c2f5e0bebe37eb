"""Keeps the programs of `make run` alive, stops them in order: a circus arbiter in our process.

What circus does not do and this adds: stopping in stages (it stops everything at once, the database
under the workers too), a delay before starting what keeps dying (its plugin for that is a process
of its own), commands that wait their turn (circus refuses one while another runs, even Ctrl-C), and
noticing every end (what dies between two of its steps circus drops without telling anybody).
"""

import asyncio
import contextlib
import functools
import logging
import os
import shlex
import signal
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from circus.arbiter import Arbiter
from circus.exc import ConflictError
from circus.process import RUNNING
from circus.watcher import Watcher
from tornado.ioloop import IOLoop

from cardgen.embedded import paths
from cardgen.run.console import Console
from cardgen.run.log_stream import LogStream
from cardgen.run.program import Program, Stage

_CHECK_EVERY = 0.5
_TURN_WAIT = 0.05
_TURN_TRIES = 600
_TELLING = 5.0  # seconds that circus has to tell of an end, ten of its checks
_MEMORY = 60.0  # seconds for which a death counts
_LONGEST_DELAY = 30.0
_SERVING = 60.0  # seconds until a new process serves
_LOOK_EVERY = 0.1
Result = TypeVar("Result")


class Supervisor:
    """Starts programs, starts them again when they die, stops them in stages."""

    def __init__(self, *, var: Path, folder: Path, console: Console) -> None:
        """Run programs in `folder`; the control sockets live with the others of `var`."""
        self._sockets = paths.socket_dir(var)
        self._folder = folder
        self._console = console
        self._deaths: defaultdict[str, list[float]] = defaultdict(list)
        self._programs: dict[str, Program] = {}
        self._serving: defaultdict[str, set[int]] = defaultdict(set)
        self._leaving: set[int] = set()
        self._ends: dict[str, asyncio.Future[int]] = {}
        self._arbiter: Any = None
        self.stopping = False

    async def open(self) -> None:
        """Start the arbiter, in the main thread: programs die with the thread that starts them."""
        for name in ("circus", "tornado.application"):
            logging.getLogger(name).addFilter(_is_news)
        logging.getLogger("circus").setLevel(logging.WARNING)
        self._loop = asyncio.get_running_loop()
        arbiter: Any = Arbiter(  # type: ignore[no-untyped-call]
            [],
            f"ipc://{self._sockets / paths.CONTROL_SOCKET}",
            f"ipc://{self._sockets / paths.EVENTS_SOCKET}",
            check_delay=_CHECK_EVERY,
            loop=IOLoop.current(),
        )
        arbiter.ctrl.sys_hdl.stop()  # signals are ours: circus would stop everything at once
        await arbiter.start()
        self._arbiter = arbiter

    async def start(self, program: Program) -> None:
        """Start a program and keep it alive from now on."""
        self._ends[program.name] = self._loop.create_future()
        watcher: Watcher = await self._in_turn(lambda: self._add(program))
        self._programs[program.name] = program
        await self._in_turn(watcher.start)

    async def _add(self, program: Program) -> Watcher:
        heard = self._serving[program.name].add
        log = LogStream(program.name, self._console, sign=program.sign, heard=heard)
        stream = {"stream": log}
        watcher: Watcher = self._arbiter.add_watcher(
            program.name,
            shlex.quote(program.command[0]),
            args=program.command[1:],
            numprocesses=program.processes,
            use_sockets=program.inherits,
            working_dir=str(self._folder),
            copy_env=True,
            env=dict(program.environment),
            stop_signal=program.stop_signal,
            graceful_timeout=program.patience,
            respawn=not program.once,
            max_retry=1,
            stdout_stream=stream,
            stderr_stream=None if program.once else stream,
            hooks={"after_reap": (self._on_death, True)},
        )
        return watcher

    def watcher(self, name: str) -> Watcher:
        """Return what circus has of a program."""
        watcher: Watcher = self._arbiter.get_watcher(name)
        return watcher

    async def finished(self, name: str) -> int | None:
        """Wait for the end of a program that runs once; return its exit code, -N for signal N.

        None if nobody knows the code: circus took it and told nobody.
        """
        end = self._ends[name]
        while not end.done() and self._runs(name):
            await asyncio.wait({end}, timeout=_CHECK_EVERY)
        await asyncio.wait({end}, timeout=_TELLING)
        return end.result() if end.done() else None

    def _runs(self, name: str) -> bool:
        return any(one.status == RUNNING for one in self.watcher(name).processes.values())

    def serving(self, name: str) -> set[int]:
        """Return the processes of a program that live and have said that they serve."""
        return self._serving[name] & self._living(name)

    def _living(self, name: str) -> set[int]:
        return set(self.watcher(name).processes) if name in self._programs else set()

    async def replace(self, name: str, old: int) -> bool:
        """Have a new process of a program serve, then end an old one; False if none serves."""
        program, before = self._programs[name], self._living(name)
        self.watcher(name).numprocesses = program.processes + 1
        serves = await _until(lambda: bool(self.serving(name) - before), seconds=_SERVING)
        for pid in {old} if serves else self._living(name) - before:
            await self._dismiss(program, pid)
        self.watcher(name).numprocesses = program.processes
        return serves

    async def _dismiss(self, program: Program, pid: int) -> None:
        """End a process whose place is not to be filled again."""
        self._leaving.add(pid)
        for number in (program.stop_signal, signal.SIGKILL):
            if pid in self._living(program.name):  # else the number may be somebody else's by now
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            if await _until(lambda: pid not in self._living(program.name), program.patience):
                self._leaving.discard(pid)  # of one that ended before, nobody tells
                return

    def deaths(self, name: str) -> int:
        """Count how often each process of a program died in the last minute, on the average.

        So that one death of each of eight is not taken for a program that cannot live.
        """
        recent = [moment for moment in self._deaths[name] if time.monotonic() - moment < _MEMORY]
        self._deaths[name] = recent
        return len(recent) // self._programs[name].processes

    def _on_death(self, watcher: Watcher, exit_code: int, process_pid: int, **_: object) -> None:
        """Say that a program ended and decide when it starts again (circus calls this)."""
        self._serving[watcher.name].discard(process_pid)  # the number may be given out again
        if process_pid in self._leaving:
            self._leaving.discard(process_pid)
            watcher.numprocesses = self._programs[watcher.name].processes
        elif watcher.respawn and not self.stopping:
            self._deaths[watcher.name].append(time.monotonic())
            delay = _delay(self.deaths(watcher.name))
            when = f"in {delay:.0f} s, it keeps ending" if delay else "now"
            self._console.log(
                watcher.name,
                f"ended (pid {process_pid}, {describe(exit_code)}): starting it again {when}",
            )
            self._hold(watcher, delay)
        if not self._ends[watcher.name].done():
            self._ends[watcher.name].set_result(exit_code)

    def _hold(self, watcher: Watcher, delay: float) -> None:
        """Let circus want no more processes of this program than live, for a while."""
        if delay:
            wanted = self._programs[watcher.name].processes
            watcher.numprocesses = min(len(watcher.processes), wanted)
            self._loop.call_later(delay, setattr, watcher, "numprocesses", wanted)

    async def stop(self) -> None:
        """Stop the applications, then the broker, then the database, as patiently as each needs."""
        self.stopping = True
        if self._arbiter is None:
            return
        for stage in sorted(Stage, reverse=True):
            await self._in_turn(functools.partial(self._stop, stage))
        await self._in_turn(self._arbiter.stop)
        await asyncio.sleep(0)  # the arbiter closes its sockets in a callback

    def _stop(self, stage: Stage) -> Awaitable[None]:
        watchers = [
            one for one in self._arbiter.watchers if self._programs[one.name].stage == stage
        ]
        stopped: Awaitable[None] = self._arbiter.stop_watchers(
            watcher_iter_func=lambda **_options: watchers
        )
        return stopped

    async def _in_turn(self, call: Callable[[], Awaitable[Result]]) -> Result:
        """Make a call that circus refuses while it does something else, such as a check."""
        for _ in range(_TURN_TRIES):
            try:
                return await call()
            except ConflictError:
                await asyncio.sleep(_TURN_WAIT)
        raise TimeoutError("circus did not end what it was doing")


async def _until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until something is so, for some seconds at most; tell whether it is."""
    until = time.monotonic() + seconds
    while not (holds := condition()) and time.monotonic() < until:  # noqa: ASYNC110 (nobody tells)
        await asyncio.sleep(_LOOK_EVERY)
    return holds


def _delay(deaths: int) -> float:
    """Return the seconds to wait after so many deaths in a minute: 0, 0, 2, 4, 8 … 30."""
    return 0.0 if deaths < 3 else min(2.0 ** (deaths - 2), _LONGEST_DELAY)


def describe(exit_code: int | None) -> str:
    """Name an exit code in words."""
    if exit_code is None:
        return "exit code unknown"
    if exit_code >= 0:
        return f"exit code {exit_code}"
    return f"killed by {signal.Signals(-exit_code).name}"


def _is_news(record: logging.LogRecord) -> bool:
    """Drop the complaint that circus's regular check came while we made a call."""
    return not (record.exc_info and isinstance(record.exc_info[1], ConflictError))
