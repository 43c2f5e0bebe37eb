"""What is installed is locked with its digest; an audit says when it could not look."""

import importlib.util
import re

import pytest
from django.conf import settings

LISTS = [f"requirements{kind}" for kind in ("", "-parquet", "-tracing", "-dev", "-audit")]
_spec = importlib.util.spec_from_file_location("audit", settings.BASE_DIR / ".ci" / "audit.py")
audit = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(audit)


def pins(name: str) -> dict[str, str]:
    text = (settings.BASE_DIR / name).read_text()
    found = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[a-z,]+\])?==([^ ;\\\n]+)", text, re.MULTILINE)
    return {package.lower().replace("_", "-"): version for package, version in found}


@pytest.mark.parametrize("name", LISTS)
def test_every_pin_stands_in_the_lock(name):
    wanted = pins(f"{name}.txt").items()
    assert wanted <= pins(f"{name}.lock").items(), "run 'make lock'"


@pytest.mark.parametrize("name", LISTS)
def test_every_locked_package_has_digests(name):
    text = (settings.BASE_DIR / f"{name}.lock").read_text()
    packages = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert packages
    assert all("--hash=sha256:" in package for package in packages)


def test_the_locks_agree():
    runtime = pins("requirements.lock")
    for name in LISTS[1:]:
        other = pins(f"{name}.lock")
        assert {one: other[one] for one in other.keys() & runtime.keys()}.items() <= runtime.items()


def test_an_audit_of_nothing_is_no_success():
    assert audit.verdict([])[0] == audit.NOTHING_AUDITED
    skipped = [{"name": "django", "skip_reason": "no answer"}]
    assert audit.verdict(skipped)[0] == audit.NOTHING_AUDITED


def test_an_audit_that_left_some_out_is_no_success():
    clean = {"name": "django", "version": "5.2.19", "vulns": []}
    assert audit.verdict([clean])[0] == audit.CLEAN
    assert audit.verdict([clean, {"name": "twisted", "skip_reason": "no answer"}])[0] == audit.WEAK


def test_an_audit_names_what_is_weak():
    weak = {"id": "PYSEC-1", "fix_versions": ["2.0"]}
    code, lines = audit.verdict([{"name": "django", "version": "1.0", "vulns": [weak]}])
    assert code == audit.WEAK
    assert lines[0] == "django 1.0: PYSEC-1, mended in 2.0"
