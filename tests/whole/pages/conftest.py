"""One service, as `make run` starts it, for all pages: what they tell to type is typed to it."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import playwright
import pytest
from django.conf import settings

from tests.support.ports import free_port
from tests.support.terminal import Terminal, terminal
from tests.support.waiting import wait_until

ROOT: Path = settings.BASE_DIR
READY = "cardgen ready at "
PATIENCE = 120
# The tests' own servers and settings are not the service's.
WORDS = {"1000000": "10000", "1,000,000": "10,000"}  # a million takes a minute here
# How pages start a service; this one was started so.
STARTS = (
    "make run\n",
    "CARDGEN_WEBHOOK_NETWORKS=127.0.0.1/32 make run\n",
    "CARDGEN_METRICS=127.0.0.1:9464 make run\n",
)
# Folders of the system that pages name; here they are below the service's.
FOLDERS = ("/srv/new", "/backups", "/encrypted")
# A reader's pytest has only the plugins that the page names; ours take seconds to load.
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "xdist.plugin"}
OWN = ("DATABASE_URL", "BROKER_URL", "CACHE_URL", "CHANNEL_URL", "DJANGO_SETTINGS_MODULE")


@dataclass(frozen=True)
class Service:
    """A service that runs, and how others reach it."""

    environment: dict[str, str]
    top: Path
    port: int
    metrics: str
    printed: str
    key: str


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """Start everything in a folder of its own, which all system users can reach."""
    top = Path(tempfile.mkdtemp(prefix="cardgen-pages-"))
    top.chmod(0o755)
    metrics = f"127.0.0.1:{free_port()}"
    environment = _environment(top / "var") | {"CARDGEN_METRICS": metrics}
    port = free_port()
    command = [sys.executable, "manage.py", "run", "--port", str(port), "--first-job", "1000"]
    log = top / "log"
    with log.open("w") as out:
        child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
    try:
        wait_until(lambda: READY in log.read_text() or child.poll() is not None, seconds=PATIENCE)
        printed = log.read_text()
        assert READY in printed, printed
        login = (top / "var" / "first-login.txt").read_text()
        key = login.split("API key ")[1].strip()
        yield Service(environment, top, port, metrics, printed, key)
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(PATIENCE)
        shutil.rmtree(top, ignore_errors=True)


@pytest.fixture
def shell(service: Service, tmp_path: Path) -> Iterator[Terminal]:
    """A terminal beside that service, with its key in $CARDGEN_API_KEY."""
    programs = tmp_path / ".bin"
    programs.mkdir()
    (programs / "node").symlink_to(Path(playwright.__file__).with_name("driver") / "node")
    (programs / "cardgen").symlink_to(ROOT / "manage.py")
    for name in (".venv", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "var").symlink_to(service.top / "var")
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = service.environment | ALONE | {"PATH": path, "CARDGEN_API_KEY": service.key}
    words = WORDS | {
        "127.0.0.1:8000": f"127.0.0.1:{service.port}",
        "127.0.0.1:9000": f"127.0.0.1:{free_port()}",
        "127.0.0.1:9464": service.metrics,
        "cg_…": service.key,
        **{folder: f"{service.top}{folder.replace('/srv', '')}" for folder in FOLDERS},
    }
    given = dict.fromkeys(STARTS, service.printed)
    with terminal(tmp_path, environment=environment, given=given, words=words) as opened:
        yield opened


def _environment(var: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in OWN}
    return kept | {
        "CARDGEN_VAR": str(var),
        "CARDGEN_ALLOW_ROOT": "if-needed",
        "CARDGEN_WEB_PROCESSES": "1",
        "CARDGEN_WORKERS": "1",
        "CARDGEN_WEBHOOK_NETWORKS": "127.0.0.1/32",
    }
