"""`deploy/secrets.sh` makes every secret once, for its owner alone."""

import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from cardgen.access.keys.text import is_new


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(Path(settings.BASE_DIR) / "deploy/secrets.sh", tmp_path)
    return tmp_path


def made(folder: Path) -> dict[str, str]:
    subprocess.run([folder / "secrets.sh"], check=True, capture_output=True)
    return {file.name: file.read_text() for file in (folder / "secrets").iterdir()}


def test_only_the_owner_may_read_them(folder):
    assert "master_key" in made(folder)
    assert (folder / "secrets").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (folder / "secrets").iterdir()} == {0o600}


def test_they_are_made_once_and_no_two_are_alike(folder):
    first = made(folder)
    assert made(folder) == first
    assert len(set(first.values())) == len(first)
    assert len(bytes.fromhex(first["master_key"])) == 32


def test_the_first_api_key_has_its_check_characters(folder):
    assert is_new(made(folder)["bootstrap_key"])


def test_a_new_password_stands_in_the_address_too(folder):
    before = made(folder)
    for name in ("application_password", "database_url"):
        (folder / "secrets" / name).unlink()
    after = made(folder)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"application_password", "database_url"}
    assert after["application_password"] in after["database_url"]
