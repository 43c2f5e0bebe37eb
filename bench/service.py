"""A whole cardgen for benchmarks: the programs of `make run`, as many web processes as there."""

import http.client
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.management import call_command

from cardgen.access.first import ensure_administrator
from cardgen.run import Program, applications

_START_SECONDS = 60
_QUEUE = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Where it serves and the key to use."""

    url: str
    api_key: str

    def call(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """GET, or POST a body; return the JSON answer."""
        request = urllib.request.Request(
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"X-API-Key": self.api_key, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            answer: dict[str, Any] = json.load(response)
        return answer


@contextmanager
def serving() -> Iterator[Service]:
    """Migrate, load the catalogue, and run web server, worker, beat and reconciler."""
    call_command("migrate", verbosity=0)
    call_command("load_catalogue", verbosity=0)
    credentials = ensure_administrator()
    if credentials is None:
        raise SystemExit("benchmarks want servers of their own: this database is in use")
    with socket.create_server(("127.0.0.1", 0), backlog=_QUEUE) as listener:
        port = int(listener.getsockname()[1])
        children = list(_started(listener))
    try:
        service = Service(url=f"http://127.0.0.1:{port}", api_key=credentials.api_key)
        _await(service)
        yield service
    finally:
        _stop(children)


def _started(listener: socket.socket) -> Iterator[subprocess.Popen[bytes]]:
    """Start each program as often as `make run` does; web processes share the socket."""
    shared = listener.fileno()
    processes = settings.CARDGEN_WEB_PROCESSES
    for program in applications(settings.VAR, listen=["--fd", str(shared)], processes=processes):
        for _ in range(program.processes):
            yield _start(program, inherited=[shared] if program.inherits else [])


def _start(program: Program, *, inherited: Collection[int]) -> subprocess.Popen[bytes]:
    environment = os.environ | dict(program.environment)
    return subprocess.Popen(
        program.command,
        cwd=settings.BASE_DIR,
        env=environment,
        pass_fds=inherited,
        stdout=subprocess.DEVNULL,
    )


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.terminate()
    for child in children:
        child.wait(timeout=60)


def _await(service: Service) -> None:
    """Wait until a card can be minted by HTTP and by a worker, so that start-up is not measured."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        try:
            job = service.call("/api/v1/cards/generate-async", {"scheme": "visa", "count": 1})
        except (urllib.error.URLError, http.client.HTTPException):
            time.sleep(0.2)
            continue
        finish(service, job["id"])
        return
    raise SystemExit(f"the service did not start within {_START_SECONDS} s")


def finish(
    service: Service, job_id: str, *, meanwhile: Callable[[], object] = lambda: None
) -> dict[str, Any]:
    """Poll the job's status until it is final; seldom, for each question takes a core 10 ms.

    :param meanwhile: done after each question
    """
    while True:
        status = service.call(f"/api/v1/cards/jobs/{job_id}/status")
        meanwhile()
        if status["status"] not in {"queued", "running"}:
            return status
        time.sleep(0.5)
