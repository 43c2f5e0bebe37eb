"""Valkey processes of a test's own: alone, watched by Sentinel, and as a Redis Cluster."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis import Redis
from redis.crc import REDIS_CLUSTER_HASH_SLOTS
from redis.exceptions import RedisError

from cardgen.embedded import processes, valkey
from tests.support.ports import free_port

_PATIENCE = 20.0


@dataclass
class Valkey:
    """One server on a TCP port of 127.0.0.1."""

    port: int
    child: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def ask(self, *words: object) -> Any:
        """Send one command to this very server."""
        with Redis(port=self.port, socket_timeout=5) as server:
            return server.execute_command(*words)

    def kill(self) -> None:
        self.child.kill()
        self.child.wait(10)

    def freeze(self) -> None:
        """It keeps its connections and answers nothing."""
        self.child.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.child.send_signal(signal.SIGCONT)

    def says(self, section: str, *words: str) -> bool:
        """Tell whether a line of INFO holds all the words."""
        return any(
            all(word in line for word in words) for line in _lines(self.ask("INFO", section))
        )

    def answers(self) -> bool:
        try:
            return bool(self.ask("PING"))
        except RedisError:
            return False


@contextmanager
def server(folder: Path, *more: str, port: int | None = None) -> Iterator[Valkey]:
    """Run one server with the options `more`."""
    port = port or free_port()
    home = folder / str(port)
    home.mkdir(exist_ok=True)
    options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(home), "--save", ""]
    with _process([str(valkey.binary()), *options, *more], home) as child:
        running = Valkey(port, child)
        wait_for(running.answers)
        yield running


@contextmanager
def sentinel(folder: Path, *, service: str, master: Valkey) -> Iterator[Valkey]:
    """Watch a master; it is replaced when it is silent for half a second."""
    port = free_port()
    home = folder / str(port)
    home.mkdir()
    lines = [
        f"port {port}",
        "bind 127.0.0.1",
        f"dir {home}",
        f"sentinel monitor {service} 127.0.0.1 {master.port} 1",
        f"sentinel down-after-milliseconds {service} 500",
        f"sentinel failover-timeout {service} 2000",
    ]
    file = home / "sentinel.conf"
    file.write_text("\n".join(lines) + "\n")
    with _process([str(valkey.binary()), str(file), "--sentinel"], home) as child:
        running = Valkey(port, child)
        wait_for(running.answers)
        yield running


@contextmanager
def cluster(folder: Path) -> Iterator[list[Valkey]]:
    """Run three nodes that share all slots; a dead one takes only its own slots along."""
    options = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000"]
    with ExitStack() as stack:
        nodes = [
            stack.enter_context(server(folder, *options, "--cluster-require-full-coverage", "no"))
            for _ in range(3)
        ]
        _introduce(nodes)
        yield nodes


def _introduce(nodes: Sequence[Valkey]) -> None:
    cuts = [number * REDIS_CLUSTER_HASH_SLOTS // len(nodes) for number in range(len(nodes) + 1)]
    for number, node in enumerate(nodes):
        node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        node.ask("CLUSTER", "ADDSLOTSRANGE", cuts[number], cuts[number + 1] - 1)
        nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", node.port)
    wait_for(lambda: are_whole(nodes))


def are_whole(nodes: Sequence[Valkey]) -> bool:
    """Tell whether all nodes agree that the whole cluster is well."""
    return all(_is_whole(node, len(nodes)) for node in nodes)


def _is_whole(node: Valkey, size: int) -> bool:
    found = dict(line.partition(":")[::2] for line in _lines(node.ask("CLUSTER", "INFO")))
    slots, known = found["cluster_slots_ok"], found["cluster_known_nodes"]
    return found["cluster_state"] == "ok" and slots == "16384" and known == str(size)


def move_slot(slot: int, *, source: Valkey, target: Valkey, nodes: Sequence[Valkey]) -> None:
    """Move a hash slot with all its keys, as `valkey-cli --cluster reshard` does."""
    source_id, target_id = (node.ask("CLUSTER", "MYID") for node in (source, target))
    target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", source_id)
    source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", target_id)
    while keys := source.ask("CLUSTER", "GETKEYSINSLOT", slot, 5):
        source.ask("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)
        time.sleep(0.01)  # so that the test sees many a half-moved slot
    for node in (target, source, *nodes):
        node.ask("CLUSTER", "SETSLOT", slot, "NODE", target_id)


def owner_of(slot: int, nodes: Sequence[Valkey]) -> Valkey:
    """Say which node answers for a slot."""
    for first, last, (_, port, *_), *_ in nodes[0].ask("CLUSTER", "SLOTS"):
        if first <= slot <= last:
            return next(node for node in nodes if node.port == port)
    raise LookupError(slot)


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds.

    :raises AssertionError: if it takes too long
    """
    until = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < until, "the servers did not get ready"
        time.sleep(0.05)


def _lines(answer: Any) -> list[str]:
    """Read what INFO and CLUSTER INFO answer; the first, redis-py has taken apart already."""
    if isinstance(answer, dict):
        return [f"{name}:{value}" for name, value in answer.items()]
    return answer.decode().splitlines()


@contextmanager
def _process(command: list[str], home: Path) -> Iterator[subprocess.Popen[bytes]]:
    wrapped = processes.wrapped(command, dies_by=signal.SIGKILL, account=None)
    with (home / "log").open("ab") as log:
        child = subprocess.Popen(wrapped, stdout=log, stderr=log, start_new_session=True)
    try:
        yield child
    finally:
        child.kill()
        child.wait(10)
