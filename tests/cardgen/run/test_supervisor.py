"""Programs that run once are known to have ended, whatever circus sees of it."""

import asyncio
import io
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest
from circus.process import Process
from circus.watcher import Watcher

from cardgen.embedded import paths
from cardgen.run import Program
from cardgen.run.console import Console
from cardgen.run.program import Stage
from cardgen.run.supervisor import Supervisor

PATIENCE = 30  # only a test that fails takes so long
Ended = Callable[[Supervisor, Watcher], Awaitable[None]]


def end_of(var: Path, code: str, meanwhile: Ended) -> int | None:
    """Run a program once; let something happen; wait for its end."""

    async def run() -> int | None:
        paths.socket_dir(var).mkdir()
        supervisor = Supervisor(var=var, folder=var, console=Console(io.StringIO()))
        await supervisor.open()
        try:
            command = [sys.executable, "-c", code]
            await supervisor.start(
                Program(name="job", command=command, stage=Stage.APPLICATION, once=True)
            )
            await meanwhile(supervisor, supervisor.watcher("job"))
            return await asyncio.wait_for(supervisor.finished("job"), PATIENCE)
        finally:
            await supervisor.stop()

    return asyncio.run(run())


async def nothing(_supervisor: Supervisor, _watcher: Watcher) -> None:
    """Let circus see the end in its own time."""


async def dropped(_supervisor: Supervisor, watcher: Watcher) -> None:
    """The program dies after circus looked for the dead, before it tidies up."""
    process = become_zombie(watcher)
    await watcher.manage_processes()
    process.stop()  # closes the pipes, which circus leaves open


async def kept(supervisor: Supervisor, watcher: Watcher) -> None:
    """Circus tells nobody of an end."""
    watcher.hooks.clear()
    become_zombie(watcher)


def become_zombie(watcher: Watcher) -> Process:
    """Wait for the end without giving circus, which runs in this thread, a chance to see it."""
    (process,) = watcher.processes.values()
    while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    return process


@pytest.mark.parametrize(("code", "ended"), [("", 0), ("raise SystemExit(3)", 3)])
def test_the_end_of_a_program_is_told_with_its_exit_code(var, code, ended):
    assert end_of(var, code, nothing) == ended


@pytest.mark.parametrize("missed", [dropped, kept])
def test_an_end_that_circus_keeps_to_itself_is_noticed_all_the_same(var, missed):
    assert end_of(var, "", missed) is None


def test_one_that_ended_before_it_was_told_to_leaves_no_number_behind(var):
    async def run() -> set[int]:
        paths.socket_dir(var).mkdir()
        supervisor = Supervisor(var=var, folder=var, console=Console(io.StringIO()))
        await supervisor.open()
        try:
            command = [sys.executable, "-c", "import time; time.sleep(600)"]
            program = Program(name="web", command=command, stage=Stage.APPLICATION)
            await supervisor.start(program)
            gone = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
            await gone.wait()
            await supervisor._dismiss(program, gone.pid)
            return supervisor._leaving
        finally:
            await supervisor.stop()

    assert asyncio.run(run()) == set()
