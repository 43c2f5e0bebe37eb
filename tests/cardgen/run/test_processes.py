"""Several processes of one program behind one socket: all serve, one that dies comes again."""

import asyncio
import io
import socket
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from django.core.management.base import CommandError

from cardgen.embedded import paths
from cardgen.run.console import Console
from cardgen.run.door import listen, reached_at
from cardgen.run.program import Program, Stage
from cardgen.run.programs import pool_of_each
from cardgen.run.supervisor import Supervisor

PATIENCE = 30  # only a test that fails takes so long
SERVE = """
import os, socket, sys
with socket.socket(fileno=int(sys.argv[1])) as listener:
    print("I serve", flush=True)
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(str(os.getpid()).encode())
"""
LIVE_OR_DIE = """
import os, sys, time
try:
    os.mkdir(sys.argv[1])
except FileExistsError:
    raise SystemExit(1)
print("I serve", flush=True)
time.sleep(60)
"""
Doing = Callable[[Supervisor, socket.socket], Awaitable[None]]


def program(code: str, *words: str, processes: int) -> Program:
    return Program(
        name="web",
        command=[sys.executable, "-c", code, *words],
        stage=Stage.APPLICATION,
        processes=processes,
        inherits=True,
        sign="I serve",
    )


def supervised(var: Path, doing: Doing) -> str:
    """Do something with a supervisor and an open door; return what was said."""
    said = io.StringIO()

    async def run(listener: socket.socket) -> None:
        paths.socket_dir(var).mkdir()
        supervisor = Supervisor(var=var, folder=var, console=Console(said))
        await supervisor.open()
        try:
            await asyncio.wait_for(doing(supervisor, listener), PATIENCE)
        finally:
            await supervisor.stop()

    with listen(8000, Console(said)) as listener:
        asyncio.run(run(listener))
    return said.getvalue()


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 (circus tells nobody)
        await asyncio.sleep(0.05)


async def serving(supervisor: Supervisor, wanted: int) -> None:
    await until(lambda: len(supervisor.serving("web")) >= wanted)


async def who_answers(listener: socket.socket) -> int:
    return await asyncio.to_thread(ask, listener.getsockname())


def ask(address: tuple[str, int]) -> int:
    with socket.create_connection(address, PATIENCE) as client:
        return int(client.recv(16) or 0)  # who has just died may have taken it along


def served_by(listener: socket.socket) -> Program:
    return program(SERVE, str(listener.fileno()), processes=3)


def test_all_processes_serve_behind_one_socket(var):
    async def doing(supervisor: Supervisor, listener: socket.socket) -> None:
        await supervisor.start(served_by(listener))
        await serving(supervisor, 3)
        pids = set(supervisor.watcher("web").processes)
        seen: set[int] = set()
        while seen != pids:
            seen.add(await who_answers(listener))

    assert "I serve" not in supervised(var, doing)


def test_one_that_dies_is_started_again_and_no_connection_is_refused_meanwhile(var):
    async def doing(supervisor: Supervisor, listener: socket.socket) -> None:
        await supervisor.start(served_by(listener))
        await serving(supervisor, 3)
        for pid in list(supervisor.watcher("web").processes):
            psutil.Process(pid).kill()
            while pid in supervisor.watcher("web").processes or len(supervisor.serving("web")) < 3:
                await who_answers(listener)

    assert supervised(var, doing).count("starting it again now") == 3


def test_connections_wait_when_all_have_died(var):
    async def doing(supervisor: Supervisor, listener: socket.socket) -> None:
        await supervisor.start(replace(served_by(listener), processes=1))
        await serving(supervisor, 1)
        pid = await who_answers(listener)
        psutil.Process(pid).kill()
        while not (other := await who_answers(listener)):
            pass
        assert other != pid

    supervised(var, doing)


def test_what_keeps_dying_takes_nobody_along(var):
    async def doing(supervisor: Supervisor, _listener: socket.socket) -> None:
        await supervisor.start(program(LIVE_OR_DIE, str(var / "taken"), processes=2))
        await serving(supervisor, 1)
        (living,) = supervisor.serving("web")
        await until(lambda: supervisor.deaths("web") >= 3)
        await asyncio.sleep(1)  # circus looks twice
        assert supervisor.serving("web") == {living}

    assert "it keeps ending" in supervised(var, doing)


def test_processes_are_replaced_one_after_another_and_all_serve_meanwhile(var):
    async def doing(supervisor: Supervisor, listener: socket.socket) -> None:
        await supervisor.start(served_by(listener))
        await serving(supervisor, 3)
        old = supervisor.serving("web")
        for pid in old:
            replacing = asyncio.create_task(supervisor.replace("web", pid))
            while not replacing.done():
                assert len(supervisor.serving("web")) >= 3
                await asyncio.sleep(0.02)
            assert replacing.result()
        await until(lambda: supervisor.watcher("web").processes.keys() == supervisor.serving("web"))
        assert len(supervisor.serving("web")) == 3
        assert not old & supervisor.serving("web")

    assert "starting it again" not in supervised(var, doing)


def test_old_processes_stay_when_a_new_one_does_not_serve(var, monkeypatch):
    monkeypatch.setattr("cardgen.run.supervisor._SERVING", 2)
    code = f"import os, sys, time; os.path.exists(sys.argv[2]) and time.sleep(60)\n{SERVE}"

    async def doing(supervisor: Supervisor, listener: socket.socket) -> None:
        broken = var / "broken"
        words = [str(listener.fileno()), str(broken)]
        await supervisor.start(program(code, *words, processes=2))
        await serving(supervisor, 2)
        old = supervisor.serving("web")
        broken.touch()
        assert not await supervisor.replace("web", min(old))
        assert supervisor.serving("web") == old
        assert supervisor.watcher("web").processes.keys() == old

    supervised(var, doing)


def test_only_who_is_to_have_the_socket_has_it(var):
    code = "import os, sys; sys.exit(os.path.exists(f'/proc/self/fd/{sys.argv[1]}'))"

    async def doing(supervisor: Supervisor, listener: socket.socket) -> None:
        one = replace(program(code, str(listener.fileno()), processes=1), once=True)
        for inherits in (True, False):
            name = f"inherits {inherits}"
            await supervisor.start(replace(one, name=name, inherits=inherits))
            assert await supervisor.finished(name) == int(inherits)

    supervised(var, doing)


def test_a_port_that_is_taken_is_said_and_the_next_one_chosen():
    said = io.StringIO()
    with listen(8000, Console(said)) as first, listen(8000, Console(said)) as second:
        (_, taken), (host, port) = first.getsockname(), second.getsockname()
        with socket.socket() as late, pytest.raises(OSError, match="in use"):
            late.bind((host, port))
    assert host == "127.0.0.1"
    assert port > taken
    assert f"Port 8000 is taken by another program: using {port}.\n" in said.getvalue()


@pytest.mark.parametrize(
    ("bound", "reached"),
    [("0.0.0.0", "127.0.0.1"), ("127.0.0.2", "127.0.0.2"), ("::", "::1"), ("::1", "::1")],
)
def test_it_listens_where_it_is_told_and_says_where_it_is_reached(settings, bound, reached):
    settings.CARDGEN_BIND = bound
    with listen(8000, Console(io.StringIO())) as listener:
        assert listener.getsockname()[0] == bound
        assert reached_at(listener)[0] == reached
        socket.create_connection(reached_at(listener), timeout=5).close()


def test_an_address_of_another_machine_is_named(settings):
    settings.CARDGEN_BIND = "192.0.2.7"
    told = r"CARDGEN_BIND: 192\.0\.2\.7 is no address of this machine"
    with pytest.raises(CommandError, match=told) as refused:
        listen(8000, Console(io.StringIO()))
    assert refused.value.returncode == 2


@pytest.mark.parametrize(
    ("pool", "processes", "each"), [(0, 1, 10), (0, 4, 10), (0, 64, 2), (30, 4, 7), (2, 4, 2)]
)
def test_web_processes_share_the_connections_to_the_database(pool, processes, each):
    assert pool_of_each(pool, processes) == each
