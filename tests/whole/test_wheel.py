"""A wheel is built, installed somewhere else, and is the whole of cardgen."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.conf import settings

from tests.support.commands import environment
from toolkit.version import VERSION

ROOT = settings.BASE_DIR
NEEDED = (
    *(
        "cardgen",
        "docs",
        "generation",
        "jobs",
        "realtime",
        "static",
        "templates",
        "toolkit",
        "uniqueness",
    ),
    *("LICENSE", "README.md", "pyproject.toml", "requirements.txt", "setup.py"),
)
CODE = """
import cardgen, sys
from django.template.loader import get_template
from django.contrib.staticfiles.finders import find
import django; django.setup()
assert "site" in cardgen.__file__, cardgen.__file__
print(get_template("dashboard.html").origin.name, find("cardgen/live.js"), sep="\\n")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build from a copy: setuptools leaves folders beside the code."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("out")
    for name in NEEDED:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, source / name)
    pip(*("wheel", "--no-deps", "--no-build-isolation", "-w", str(out), str(source)))
    (made,) = out.glob("*.whl")
    return made


def pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_wheel_has_pages_files_and_migrations_and_no_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert wheel.name == f"cardgen-{VERSION}-py3-none-any.whl"
    assert {
        "cardgen/templates/base.html", "cardgen/static/cardgen/live.js", "cardgen/docs/index.md",
        "generation/data/schemes.csv", "uniqueness/migrations/0001_initial.py",
    } <= {*names}  # fmt: skip
    assert tops - {f"cardgen-{VERSION}.dist-info"} == {
        *("cardgen", "generation", "jobs", "realtime", "toolkit", "uniqueness")
    }


def test_it_runs_where_it_is_installed(wheel, tmp_path):
    site = tmp_path / "site"
    pip("install", "--no-deps", "--no-index", "--no-compile", "--target", str(site), str(wheel))
    own = environment(PYTHONPATH=str(site), CARDGEN_VAR=str(settings.VAR))
    own = {name: value for name, value in own.items() if name != "DJANGO_SETTINGS_MODULE"}

    def run(*command: str, **more: str) -> str:
        done = subprocess.run(
            command, cwd=tmp_path, env=own | more, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    told = run(str(site / "bin" / "cardgen"), "makemigrations", "--check", "--dry-run")
    assert told == "No changes detected\n"
    found = run(sys.executable, "-c", CODE, DJANGO_SETTINGS_MODULE="cardgen.settings").split()
    assert [Path(path).relative_to(site).parts[:2] for path in found] == [
        ("cardgen", "templates"),
        ("cardgen", "static"),
    ]
