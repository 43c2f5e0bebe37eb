"""Secrets: from a variable or a file, taken as they stand, refused if weak, never shown."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from cardgen.access.keys.text import new_key
from cardgen.configuration.environment import SECRETS, Environment
from tests.support.processes import ROOT, environment
from toolkit.trusted import create_private

STRONG = "0123456789abcdef" * 4


@pytest.fixture(autouse=True)
def empty(monkeypatch):
    for name in SECRETS:
        monkeypatch.delenv(name, raising=False)


def start(**changes: str) -> subprocess.CompletedProcess[str]:
    """Have a process read the settings."""
    command = [sys.executable, "manage.py", "check", *changes.pop("options", "").split()]
    env = environment(**changes)
    env = {name: value for name, value in env.items() if value != "unset"}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_may_come_from_a_file(monkeypatch, tmp_path, name):
    create_private(tmp_path / "secret", f"{STRONG}\n")
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "secret"))
    assert Environment().given(name) == STRONG


def test_what_is_no_secret_has_no_file(monkeypatch, tmp_path):
    monkeypatch.setenv("CARDGEN_WORKERS_FILE", str(tmp_path / "nothing"))
    assert Environment().given("CARDGEN_WORKERS") is None


def test_a_variable_and_its_file_together_are_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("CACHE_URL", "redis://one")
    monkeypatch.setenv("CACHE_URL_FILE", str(tmp_path / "secret"))
    with pytest.raises(ImproperlyConfigured, match="not both"):
        Environment().given("CACHE_URL")


def test_a_file_that_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("CACHE_URL_FILE", str(tmp_path / "gone"))
    with pytest.raises(ImproperlyConfigured, match=r"CACHE_URL_FILE: .*gone: No such file"):
        Environment().given("CACHE_URL")


def test_a_file_that_others_may_read_is_refused(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text(STRONG)
    (tmp_path / "secret").chmod(0o644)
    monkeypatch.setenv("CARDGEN_SECRET_KEY_FILE", str(tmp_path / "secret"))
    with pytest.raises(ImproperlyConfigured, match="chmod 600"):
        Environment().secret_text("CARDGEN_SECRET_KEY")


@pytest.mark.parametrize("value", ["$OTHER", "$$OTHER", "\\$OTHER", "a$OTHER", "$"])
def test_a_dollar_is_a_dollar(monkeypatch, value):
    monkeypatch.setenv("OTHER", "something else")
    monkeypatch.setenv("BROKER_URL", value)
    assert Environment().str("BROKER_URL") == value


@pytest.mark.parametrize("weak", ["a", "a" * 50, STRONG[:31], "password" * 8, "12" * 32])
def test_a_secret_key_that_can_be_guessed_is_refused_unseen(monkeypatch, weak):
    monkeypatch.setenv("CARDGEN_SECRET_KEY", weak)
    with pytest.raises(ImproperlyConfigured, match="can be guessed") as refused:
        Environment().secret_text("CARDGEN_SECRET_KEY")
    assert len(weak) < 3 or weak not in str(refused.value)


@pytest.mark.parametrize("weak", ["0" * 64, "f" * 64, "0123" * 16, "x" * 64, STRONG[:62]])
def test_a_master_key_that_is_none_is_refused_unseen(monkeypatch, weak):
    monkeypatch.setenv("CARDGEN_MASTER_KEY", weak)
    with pytest.raises(ImproperlyConfigured, match="CARDGEN_MASTER_KEY") as refused:
        Environment().key("CARDGEN_MASTER_KEY")
    assert weak not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgres://u:Hunter2/secret@db/x",
        "postgres://u:Hunter2@db:port/x",
        "mongo://u:Hunter2@db/x",
        "mysql://u:Hunter2@db/x",
        "Hunter2",
        "",
    ],
)
def test_a_database_that_cannot_be_read_does_not_show_its_password(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL cannot be read") as refused:
        Environment().database("DATABASE_URL", "")
    assert "Hunter2" not in str(refused.value)


@pytest.mark.parametrize("url", ["redis://:Hunter2@x:port/1", "x://Hunter2", "Hunter2", ""])
def test_a_server_that_cannot_be_read_does_not_show_its_password(monkeypatch, url):
    monkeypatch.setenv("BROKER_URL", url)
    with pytest.raises(ImproperlyConfigured, match="BROKER_URL cannot be read") as refused:
        Environment().server("BROKER_URL", "", schemes=("redis", "unix"))
    assert "Hunter2" not in str(refused.value)


def test_a_wrong_address_ends_the_start_without_a_traceback():
    done = start(DATABASE_URL="postgres://u:Hunter2/secret@db/x", CHANNEL_URL="x://Hunter2")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "Hunter2" not in done.stdout + done.stderr


def test_a_first_key_with_a_typing_error_stops_the_start_unseen():
    wrong = swapped(new_key())
    done = start(CARDGEN_BOOTSTRAP_KEY=wrong)
    assert (done.returncode, "CARDGEN_BOOTSTRAP_KEY is no API key" in done.stderr) == (2, True)
    assert wrong not in done.stdout + done.stderr


def swapped(key: str) -> str:
    """Two letters that stand side by side, the other way round."""
    place = next(at for at in range(3, 40) if key[at] != key[at + 1])
    return f"{key[:place]}{key[place + 1]}{key[place]}{key[place + 2 :]}"


def test_a_whole_installation_from_files(tmp_path):
    given = {name: environment()[name] for name in SECRETS if name in environment()}
    files: dict[str, str] = {}
    for name, value in given.items():
        create_private(tmp_path / name, f"{value}\n")
        files |= {f"{name}_FILE": str(tmp_path / name), name: "unset"}
    done = start(**files)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_folder_that_others_may_write_to_stops_the_start(tmp_path):
    (tmp_path / "var").mkdir()
    (tmp_path / "var").chmod(0o777)
    done = start(CARDGEN_VAR=str(tmp_path / "var"))
    assert (done.returncode, "chmod go-w" in done.stderr) == (2, True)


@pytest.mark.parametrize("place", ["a file", "below a file", "too long", "a circle", "no entry"])
def test_a_var_that_can_be_no_folder_ends_the_start_in_one_line(tmp_path, place):
    (tmp_path / "a file").touch()
    (tmp_path / "a circle").symlink_to(tmp_path / "a circle")
    places = {"below a file": "a file/var", "too long": "a" * 300}
    own = dict.fromkeys(SECRETS, "unset")
    var = Path("/proc/var") if place == "no entry" else tmp_path / places.get(place, place)
    done = start(CARDGEN_VAR=str(var), **own)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert str(var) in done.stderr


def test_a_damaged_key_ends_the_start_in_one_line(tmp_path):
    create_private(tmp_path / "master.key", "damaged")
    done = start(CARDGEN_VAR=str(tmp_path), **dict.fromkeys(SECRETS, "unset"))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "Restore it from a backup" in done.stderr


@pytest.mark.parametrize(("hosts", "code"), [("*", 1), ("cards.example", 0)])
def test_a_service_of_any_name_is_warned_of(hosts, code):
    deploy = {"options": "--deploy --fail-level WARNING", "CARDGEN_HTTPS": "1"}
    done = start(CARDGEN_ALLOWED_HOSTS=hosts, **deploy)
    assert done.returncode == code, done.stderr
    assert ("cardgen.W001" in done.stderr) == bool(code)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_keys_laid_by_somebody_else_are_refused(tmp_path: Path):
    var = tmp_path / "var"
    var.mkdir(mode=0o755)
    create_private(var / "secret.key", STRONG)
    os.chown(var / "secret.key", 65_534, 65_534)
    done = start(CARDGEN_VAR=str(var), DATABASE_URL="unset", CARDGEN_SECRET_KEY="unset")
    assert (done.returncode, "another user" in done.stderr) == (2, True), done.stderr
