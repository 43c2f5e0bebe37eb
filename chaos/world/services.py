"""What systemd does for a deploy, without it: the same units, one socket, restarts that wait.

A program that stands in for `systemctl` takes `restart UNIT`, `try-restart UNIT` and
`is-active --quiet UNIT`.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

_UNITS = settings.BASE_DIR / "deploy/systemd"
_START_SECONDS, _POLL = 30.0, 0.1
_ASK = """
import socket, sys
with socket.socket(socket.AF_UNIX) as client:
    client.connect(sys.argv[1])
    client.sendall(" ".join(sys.argv[2:]).encode())
    client.shutdown(socket.SHUT_WR)
    sys.exit(int(client.recv(8) or 1))
"""


class Services:
    """Starts what the units say, from the release that `current` points at."""

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        """Start nothing yet.

        :param root: where `current` points at a release, and where sockets and the log may lie
        """
        self._root, self._environment = root, environment
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.RLock()
        self.log = root / "services.log"
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self._control = socket.socket(socket.AF_UNIX)
        self._control.bind(str(root / "control"))
        self._control.listen()

    @property
    def port(self) -> int:
        """Where the web processes are asked."""
        return int(self.listener.getsockname()[1])

    @property
    def systemctl(self) -> str:
        """A program to give as CARDGEN_SYSTEMCTL."""
        program = self._root / "systemctl.py"
        program.write_text(_ASK)
        return f"{sys.executable} -S {program} {self._root / 'control'}"

    def obey(self) -> None:
        """Do what is asked, one thing after another, until closed."""
        with suppress(OSError):
            while True:
                asker, _ = self._control.accept()
                with asker:
                    verb, *_, unit = asker.recv(1024).decode().split()
                    done = self._done(verb, unit)
                    asker.sendall(b"0" if done else b"1")

    def close(self) -> None:
        """End everything."""
        self._control.shutdown(socket.SHUT_RDWR)
        self._control.close()
        for unit in self._children:
            self._stop(unit)
        self.listener.close()

    def _done(self, verb: str, unit: str) -> bool:
        if verb == "restart":
            return self.restart(unit)
        if verb == "try-restart":
            return unit not in self._children or self.restart(unit)
        return self._runs(unit)

    def _runs(self, unit: str) -> bool:
        return self._children[unit].poll() is None

    def kill(self, unit: str) -> None:
        """Kill it with its children at once; `revive` starts it again."""
        with self._lock:
            os.killpg(self._children[unit].pid, signal.SIGKILL)
            self._children[unit].wait(_START_SECONDS)

    def revive(self) -> None:
        """Start again what ended by itself or was killed, as `Restart=always` does."""
        with self._lock:
            for unit in [unit for unit in self._children if not self._runs(unit)]:
                self.restart(unit)

    def restart(self, unit: str) -> bool:
        """Start it anew; tell whether it serves."""
        with self._lock:
            self._stop(unit)
            return self._started(unit)

    def _started(self, unit: str) -> bool:
        text = (_UNITS / re.sub(r"@\w+", "@", unit)).read_text()
        (command,) = re.findall(r"^ExecStart=(.*)", text, re.MULTILINE)
        command = command.replace("/opt/cardgen", str(self._root))
        own = dict(re.findall(r"^Environment=(\w+)=(.*)", text, re.MULTILINE))
        if "Type=notify" not in text:
            self._children[unit] = self._start(command, own)
            return self._runs(unit)
        place = self._root / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            place.unlink(missing_ok=True)
            notify.bind(str(place))
            notify.settimeout(_POLL)
            self._children[unit] = self._start(command, own | {"NOTIFY_SOCKET": str(place)})
            return self._is_told(notify, unit)

    def _is_told(self, notify: socket.socket, unit: str) -> bool:
        for _ in range(int(_START_SECONDS / _POLL)):
            with suppress(TimeoutError):
                return notify.recv(64) == b"READY=1"
            if not self._runs(unit):
                return False
        return False

    def _start(self, command: str, extra: dict[str, str]) -> subprocess.Popen[bytes]:
        """Start it with the socket as descriptor 3, as systemd hands it on."""
        door = self.listener.fileno()
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 (the command is ours)
                ["/bin/bash", "-c", f"exec {command} 3<&{door}"],
                cwd=self._root / "current",
                env={**self._environment, **extra},
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=[door],
            )

    def _stop(self, unit: str) -> None:
        child = self._children.get(unit)
        if child is None or child.poll() is not None:
            return
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait(10)


@contextmanager
def serving(root: Path, environment: Mapping[str, str]) -> Iterator[Services]:
    """Have services that obey; all end with the block."""
    services = Services(root, environment)
    thread = threading.Thread(target=services.obey)
    thread.start()
    try:
        yield services
    finally:
        services.close()
        thread.join()
