"""Versions are deployed, broken and rolled back by the real scripts, while clients ask."""

import json
import logging
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from cardgen.access.first import ensure_bootstrap_key
from cardgen.access.keys.text import new_key
from chaos.world.services import Services, serving
from jobs.models import Job
from jobs.models.job import Status
from tests.support.asking import Client, asking
from tests.support.processes import ROOT, environment
from tests.support.waiting import wait_until
from toolkit.trusted import create_private

logger = logging.getLogger(__name__)
pytestmark = pytest.mark.django_db(transaction=True)
CODE = ("toolkit", "generation", "uniqueness", "realtime", "jobs", "cardgen", "static", "templates")
CLIENTS, PAUSE = 4, 0.1
CARDS = 50_000
KEY = new_key()
SECRETS = ("DATABASE_URL", "CARDGEN_MASTER_KEY", "CARDGEN_SECRET_KEY")
RAISE = "raise RuntimeError('broken on purpose')\n"
NO_LIVE_PAGE = f"def snapshot(*_, **__):\n    {RAISE}"


class Machine:
    """A machine with releases in a folder, and the scripts of this one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = root / "etc"
        given = environment(CARDGEN_CHUNK_CARDS="1000", CARDGEN_HTTPS="1")
        self._environment = {name: given[name] for name in given if name not in SECRETS}
        (self.config / "secrets").mkdir(parents=True)
        create_private(self.config / "secrets/bootstrap_key", KEY)
        for name in SECRETS:
            file = name.removeprefix("CARDGEN_").lower()
            create_private(self.config / "secrets" / file, given[name])
            self._environment[f"{name}_FILE"] = str(self.config / "secrets" / file)

    def release(self, name: str, *, broken: str = "", by: str = RAISE) -> Path:
        """Lay out a version; one file of it may be broken by what is written behind it."""
        folder = self.root / "releases" / name
        for part in CODE:
            shutil.copytree(ROOT / part, folder / part)
        shutil.copy2(ROOT / "manage.py", folder)
        (folder / ".venv").symlink_to(sys.prefix)
        if broken:
            with (folder / broken).open("a") as code:
                code.write(f"\n\n{by}")
        return folder

    def services(self) -> AbstractContextManager[Services]:
        return serving(self.root, self._environment)

    def run(self, script: str, *words: object, services: Services, backups: str = ""):
        """Run a script as an operator does."""
        told = {
            "CARDGEN_ROOT": str(self.root),
            "CARDGEN_CONFIG": str(self.config),
            "CARDGEN_BACKUPS": backups,
            "CARDGEN_ADDRESS": f"127.0.0.1:{services.port}",
            "CARDGEN_SYSTEMCTL": services.systemctl,
        }
        command = [ROOT / "deploy" / script, *words]
        plain = {name: text for name, text in self._environment.items() if "_FILE" not in name}
        return subprocess.run(command, env=plain | told, capture_output=True, text=True)

    @property
    def current(self) -> str:
        return (self.root / "current").resolve().name


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


class Fleet:
    """What serves, and clients that ask it meanwhile."""

    def __init__(self, machine: Machine, services: Services) -> None:
        self.machine, self.services = machine, services
        self.clients = [
            Client(services.port, key=KEY, orders=number < 2, pause=PAUSE)
            for number in range(CLIENTS)
        ]

    def deploy(self, release: Path, *, backups: str = "") -> tuple[int, str]:
        """Deploy a version; return the exit code, and what was said."""
        done = self.machine.run("deploy.sh", release, services=self.services, backups=backups)
        assert self.all_answered(), done.stderr + self.services.log.read_text()
        return done.returncode, done.stderr

    def all_answered(self) -> bool:
        """Tell whether every request got the answer that it should."""
        return not any(client.error for client in self.clients) and all(
            set(client.answers) <= {201 if client.orders else 200} for client in self.clients
        )

    def answers(self) -> int:
        """Count them."""
        return sum(len(client.answers) for client in self.clients)


@pytest.fixture
def fleet(catalogue: None, machine: Machine, settings) -> Iterator[Fleet]:
    """A first version that serves."""
    settings.CARDGEN_BOOTSTRAP_KEY = KEY
    assert ensure_bootstrap_key()
    (machine.root / "current").symlink_to(machine.release("1"))
    with machine.services() as services:
        for name in ("worker", "reconciler", "beat", "web@1", "web@2"):
            assert services.restart(f"cardgen-{name}.service")
        yield Fleet(machine, services)


def order(port: int) -> None:
    """Order a job that is long enough to see several versions."""
    headers = {"X-API-Key": KEY, "X-Forwarded-Proto": "https", "Content-Type": "application/json"}
    body = json.dumps({"scheme": "visa", "count": CARDS}).encode()
    url = f"http://127.0.0.1:{port}/api/v1/cards/generate-async"
    with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
        assert answer.status == 202


@pytest.mark.timeout(300)
def test_no_request_is_dropped_and_no_job_lost_while_one_version_comes_and_a_broken_one_goes(
    machine, fleet
):
    order(fleet.services.port)
    with asking(fleet.clients):
        code, told = fleet.deploy(machine.release("2"), backups=str(machine.root / "backups"))
        assert (code, machine.current) == (0, "2"), told
        assert list(machine.root.glob("backups/cardgen-*"))

        silent = machine.release("3", broken="jobs/watching/queries.py", by=NO_LIVE_PAGE)
        code, told = fleet.deploy(silent)
        assert (code, machine.current) == (1, "2"), told
        assert "the live page answers" in told
        assert "/2 serves again" in told
    logger.info("%d requests, all answered", fleet.answers())
    assert fleet.answers() > CLIENTS
    wait_until(lambda: Job.objects.get(requested=CARDS).status == Status.SUCCEEDED)


def test_what_cannot_serve_changes_nothing(machine, tmp_path):
    with machine.services() as services:
        done = machine.run("deploy.sh", tmp_path, services=services)
        assert (done.returncode, "make install" in done.stderr) == (1, True)
        done = machine.run(
            "deploy.sh", machine.release("1", broken="jobs/urls.py"), services=services
        )
        assert done.returncode != 0
        (machine.config / "cardgen.env").write_text("CARDGEN_LEASES=30\n")
        done = machine.run("deploy.sh", machine.release("2"), services=services)
        assert (done.returncode, "CARDGEN_LEASES is no setting" in done.stdout) == (1, True)
        done = machine.run("rollback.sh", services=services)
        assert (done.returncode, "no version to go back to" in done.stderr) == (1, True)
    assert not (tmp_path / "current").exists()


@pytest.mark.parametrize("unit", ["cardgen-worker", "cardgen-web@2"])
def test_a_unit_that_does_not_start_ends_the_round(unit, tmp_path):
    systemctl = tmp_path / "systemctl"
    systemctl.write_text(f'#!/bin/sh\necho "$2"\n[ "$2" != {unit}.service ]\n')
    systemctl.chmod(0o755)
    told = {"CARDGEN_SYSTEMCTL": str(systemctl), "PATH": os.environ["PATH"]}
    script = f"set -euo pipefail; . {ROOT}/deploy/steps.sh; restart_all || echo failed"
    done = subprocess.run(["bash", "-c", script], env=told, capture_output=True, text=True)
    *_, last, failed = done.stdout.split()
    assert (last, failed) == (f"{unit}.service", "failed")
