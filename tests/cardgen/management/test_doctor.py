"""What is wrong with an installation is said with its remedy, and no secret."""

import os
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.contrib.auth.models import User

from cardgen.embedded import ownership
from cardgen.management import doctor, port
from generation.models import IssuerRange
from jobs.models import Role
from tests.support.commands import run
from tests.support.ports import free_port

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def served(catalogue, monkeypatch):
    """Everything that `make run` starts beside the servers."""
    User.objects.create_superuser("admin")
    monkeypatch.setattr(doctor, "serving", lambda: dict.fromkeys(Role, 2))
    monkeypatch.setattr(doctor, "_web", lambda: "serves")
    monkeypatch.setattr(port, "WISHED", free_port())


def found(text: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in text.splitlines())


def test_all_is_well(served):
    done = run("doctor")
    assert done.returncode == 0, done.stdout
    assert sorted(found(done.stdout)) == sorted(doctor.REMEDIES)


def test_each_trouble_is_told_with_its_remedy(served, settings, monkeypatch):
    IssuerRange.objects.update(key_check_value="000000", enabled=False)
    User.objects.all().delete()
    settings.CARDGEN_DISK_RESERVE_MB = 10**9
    monkeypatch.setenv("CARDGEN_PROT", "1")
    monkeypatch.setattr(doctor, "_MOST_SECONDS", -1)
    monkeypatch.setattr(doctor, "serving", lambda: dict.fromkeys(Role, 0))
    done = run("doctor")
    wrong = {name for name, told in found(done.stdout).items() if told.startswith("NOT WELL")}
    assert done.returncode == 1
    assert wrong == {
        *("settings", "master key", "disk", "clocks", "workers", "reconcilers"),
        *("administrators", "ranges"),
    }
    assert all(f"Remedy: {doctor.REMEDIES[name]}" in found(done.stdout)[name] for name in wrong)
    for secret in (settings.CARDGEN_MASTER_KEY.hex(), settings.SECRET_KEY):
        assert secret not in done.stdout + done.stderr


def test_nothing_serves_a_var_that_nobody_described(catalogue, settings, tmp_path):
    settings.VAR = tmp_path
    settings.EMBEDDED_DATABASE = True
    assert (
        "nothing serves this VAR. Remedy: start cardgen: make run"
        in found(run("doctor").stdout)["web"]
    )


@pytest.fixture
def nobody_serves(catalogue, settings, tmp_path):
    settings.VAR = tmp_path
    settings.EMBEDDED_DATABASE = True


def test_who_has_the_port_of_make_run_is_told_with_the_remedy(nobody_serves, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(port, "WISHED", taken.getsockname()[1])
        told = found(run("doctor").stdout)["port"]
    assert f"{port.WISHED} is taken by " in told
    assert f"(pid {os.getpid()}): make run takes the next free one. Remedy: end that" in told
    assert found(run("doctor").stdout)["port"] == f"{port.WISHED} is free"


@pytest.mark.parametrize(
    ("status", "told"), [(200, "serves at "), (503, "does not answer well. Remedy: start")]
)
def test_a_service_that_runs_is_asked_over_http(nobody_serves, settings, status, told):
    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health/ready" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Health) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        with ownership.acquire(settings.VAR) as lock:
            lock.describe(url=f"http://127.0.0.1:{server.server_port}")
            findings = found(run("doctor").stdout)
        server.shutdown()
    assert told in findings["web"]
    assert findings["port"] == "not asked: cardgen runs already"
