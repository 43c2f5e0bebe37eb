"""`./manage.py` and `cardgen` from any folder: the Python of .venv, the VAR of `make run`."""

import shutil
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings


@pytest.fixture
def clone(tmp_path):
    """A folder with the launcher alone, as after `git clone`."""
    folder = tmp_path / "a clone"
    folder.mkdir()
    shutil.copy(settings.BASE_DIR / "manage.py", folder)
    return folder


@pytest.fixture
def venv(clone):
    """Its .venv has a link as `make install` makes it, and says how it is called."""
    programs = clone / ".venv" / "bin"
    programs.mkdir(parents=True)
    python = programs / "python"
    python.write_text('#!/bin/sh\necho "python $@"\n')
    python.chmod(0o755)
    (programs / "cardgen").symlink_to("../../manage.py")
    return programs


def started(*command: object, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*map(str, command)], capture_output=True, text=True, **more)


def bare() -> str:
    """A Python that belongs to no environment."""
    return f"{sys.base_prefix}/bin/python3"


def test_it_goes_on_with_the_python_of_its_venv(clone, venv, tmp_path):
    for way in (clone / "manage.py", venv / "cardgen"):
        done = started(bare(), way, "scan", "a file", cwd=tmp_path)
        assert done.stdout == f"python {way} scan a file\n", done.stderr


def test_without_packages_it_says_one_line(clone, tmp_path):
    done = started(bare(), "-S", clone / "manage.py", "scan", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.endswith("is not installed: run `make install` first.\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("own", [{}, {"CARDGEN_VAR": "/mine"}])
def test_it_takes_the_var_of_make_run_unless_another_is_given(clone, tmp_path, monkeypatch, own):
    monkeypatch.delenv("CARDGEN_VAR")
    (clone / ".venv").mkdir()
    (clone / ".venv" / ".var").write_text("/where it runs\n")
    package = clone / "cardgen"
    package.mkdir()
    program = 'import os\ndef main(): print(os.environ["CARDGEN_VAR"])\n'
    (package / "__main__.py").write_text(program)
    (package / "__init__.py").touch()
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    done = started(bare(), clone / "manage.py", cwd=tmp_path)
    assert done.stdout.strip() == own.get("CARDGEN_VAR", "/where it runs"), done.stderr


def test_the_overview_needs_no_servers_and_leaves_out_djangos_commands(tmp_path):
    done = started(
        sys.executable, settings.BASE_DIR / "manage.py", "--help", cwd=tmp_path,
        env={"CARDGEN_WORKERS": "nonsense"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "  generate_cards " in done.stdout
    assert "makemigrations" not in done.stdout
