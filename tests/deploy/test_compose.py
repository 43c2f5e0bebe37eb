"""compose.yaml runs the programs of `make run`, with settings and secrets that there are."""

import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from cardgen.configuration.environment import SECRETS
from tests.support.programs import words_of

ROOT = Path(settings.BASE_DIR)
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
OURS = ["web", "worker", "reconciler", "beat", "migrate", "metrics", "backup"]
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text()


def of(service: str, what: str):
    return COMPOSE["services"][service].get(what)


def test_worker_and_beat_are_those_of_make_run():
    for name in ("worker", "beat"):
        assert of(name, "command") == words_of(name)
    for name in ("reconciler", "metrics"):
        assert of(name, "command")[-1] == words_of(name)[-1]


def test_a_backup_is_made_as_the_timer_of_systemd_has_it():
    unit = (ROOT / "deploy/systemd/cardgen-backup.service").read_text()
    (words,) = re.findall(r"^ExecStart=.* (backup) \S+ (.*)$", unit, re.MULTILINE)
    assert "{} /backups {};".format(*words) in of("backup", "command")[-1]


def test_web_is_that_of_make_run_but_for_its_address():
    (command,) = re.findall(r'^CMD \["daphne".*', DOCKERFILE, re.MULTILINE)
    words = re.findall(r'"([^"]+)"', command)
    assert [word for word in words if word not in ("-b", "0.0.0.0", "-p", "8000")] == (
        words_of("web")
    )


@pytest.mark.parametrize("service", OURS)
def test_settings_and_secrets_are_known(service):
    told = (ROOT / "docs/configuration.md").read_text()
    files = {name for name in of(service, "environment") if name.endswith("_FILE")}
    assert {name.removesuffix("_FILE") for name in files} <= set(SECRETS)
    for name in of(service, "environment"):
        assert f"`{name.removesuffix('_FILE')}`" in told
    given = {Path(of(service, "environment")[name]).name for name in files}
    assert given == set(of(service, "secrets"))


def test_only_the_migration_knows_the_owner():
    knows = [name for name in OURS if "owner_database_url" in of(name, "secrets")]
    assert knows == ["migrate"]


def test_every_secret_is_a_file_that_the_script_makes():
    script = (ROOT / "deploy/secrets.sh").read_text()
    for name, secret in COMPOSE["secrets"].items():
        assert secret["file"] == f"deploy/secrets/{name}"
        assert re.search(rf"\b{name}\b", script)


def test_no_port_is_open_to_the_world_unless_asked_for():
    opened = {name: of(name, "ports") for name in COMPOSE["services"] if of(name, "ports")}
    assert list(opened) == ["proxy", "grafana"]
    assert opened["grafana"] == ["127.0.0.1:3000:3000"]
    assert all(port.startswith("${CARDGEN_BIND:-127.0.0.1}:") for port in opened["proxy"])


@pytest.mark.parametrize("service", [*OURS, "broker", "cache", "channels", "grafana"])
def test_what_runs_has_no_privileges(service):
    assert of(service, "read_only") is True
    assert of(service, "cap_drop") == ["ALL"]
    assert of(service, "user")


def test_every_package_of_the_code_is_in_the_image():
    copied = set(re.findall(r"^COPY (\w+) /opt/cardgen/app/", DOCKERFILE, re.MULTILINE))
    assert copied == {"toolkit", "generation", "uniqueness", "realtime", "jobs", "cardgen"} | {
        "docs",
        "static",
        "templates",
    }
    ignored = (ROOT / ".dockerignore").read_text()
    assert all(f"!{name}\n" in ignored for name in [*copied, "requirements-parquet.lock"])
