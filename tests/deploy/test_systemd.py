"""The units run the programs of `make run`; systemd understands them and finds them closed."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from cardgen.configuration.environment import SECRETS
from tests.support.programs import words_of

ROOT = Path(settings.BASE_DIR)
UNITS = ROOT / "deploy/systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
COMMON = (UNITS / "cardgen-.service.d/common.conf").read_text()
RUN = "/opt/cardgen/current/.venv/bin/python"
MOST_EXPOSED = 20  # of 100: 2.0 in the words of systemd-analyze


def commands_of(service: str) -> list[str]:
    return re.findall(r"^ExecStart=(.*)", (UNITS / service).read_text(), re.MULTILINE)


def analyze(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Have systemd look at the units; without it the test is skipped aloud, in CI it fails."""
    if shutil.which("systemd-analyze") is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
            "no systemd-analyze: apt-get install systemd (`make test` does it where it may)"
        )
    command = ["systemd-analyze", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units with a Python that is there."""
    folder = tmp_path / "units"
    shutil.copytree(UNITS, folder)
    for path in folder.glob("*.service"):
        path.write_text(path.read_text().replace(RUN, sys.executable))
    return folder


def test_systemd_understands_them(units):
    names = sorted(path.name for path in units.iterdir() if path.is_file())
    done = analyze("verify", "--man=no", *(f"./{name}" for name in names), folder=units)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_word_that_systemd_does_not_know_would_be_seen(units):
    common = units / "cardgen-.service.d/common.conf"
    common.write_text(COMMON.replace("ProtectHome", "ProtectHomes"))
    assert "ProtectHomes" in analyze("verify", "./cardgen-beat.service", folder=units).stderr


@pytest.mark.parametrize("service", SERVICES)
def test_little_is_exposed(units, service):
    named = service.replace("@", "@1")
    words = ("security", "--offline=true", f"--threshold={MOST_EXPOSED}")
    done = analyze(*words, f"./{named}", folder=units)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["worker", "beat", "reconciler", "metrics"])
def test_a_program_is_that_of_make_run(name):
    assert commands_of(f"cardgen-{name}.service") == [f"{RUN} -m {' '.join(words_of(name))}"]


def test_web_is_that_of_make_run_but_for_its_socket():
    (command,) = commands_of("cardgen-web@.service")
    assert command.replace(" --fd 3", "") == f"{RUN} -m {' '.join(words_of('web'))}"


def test_settings_and_secrets_are_known():
    told = (ROOT / "docs/configuration.md").read_text()
    for text in (COMMON, (UNITS / "cardgen-migrate.service").read_text()):
        laid = dict(re.findall(r"^LoadCredential=(\w+):(.*)", text, re.MULTILINE))
        named = dict(re.findall(r"^Environment=(\w+)_FILE=%d/(\w+)", text, re.MULTILINE))
        assert set(named) <= set(SECRETS)
        assert set(named.values()) == set(laid)
        assert laid == {name: f"/etc/cardgen/secrets/{name}" for name in laid}
        for name in re.findall(r"^Environment=(CARDGEN_\w+)=", text, re.MULTILINE):
            assert f"`{name.removesuffix('_FILE')}`" in told


def test_only_the_migration_knows_the_owner():
    knows = [
        path.name for path in UNITS.rglob("*") if path.is_file() and "owner" in path.read_text()
    ]
    assert knows == ["cardgen-migrate.service"]


def test_the_target_wants_all_that_serves():
    wanted = set(re.findall(r"cardgen-[a-z]+(?:@\d)?\.\w+", (UNITS / "cardgen.target").read_text()))
    kinds = {re.sub(r"@\d", "@", name) for name in wanted}
    ending = {"cardgen-migrate.service", "cardgen-backup.service"}
    assert kinds == {*SERVICES, "cardgen-web.socket"} - ending


def test_the_timer_starts_a_backup_where_the_service_may_write():
    assert (UNITS / "cardgen-backup.timer").with_suffix(".service").name in SERVICES
    (command,) = commands_of("cardgen-backup.service")
    *_, name, folder, keep, number = command.split()
    assert (name, keep) == ("backup", "--keep")
    assert int(number) > 0
    assert f"ReadWritePaths={folder}\n" in (UNITS / "cardgen-backup.service").read_text()
    assert f"backups=${{CARDGEN_BACKUPS-{folder}}}\n" in (ROOT / "deploy/deploy.sh").read_text()
