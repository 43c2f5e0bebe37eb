"""What is wrong with an installation is said with its remedy, and no secret."""

import pytest
from django.contrib.auth.models import User

from cardgen.management import doctor
from generation.models import IssuerRange
from jobs.models import Role
from tests.support.commands import run

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def served(catalogue, monkeypatch):
    """Everything that `make run` starts beside the servers."""
    User.objects.create_superuser("admin")
    monkeypatch.setattr(doctor, "serving", lambda: dict.fromkeys(Role, 2))
    monkeypatch.setattr(doctor, "_web", lambda: "serves")


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


def test_nothing_serves_a_var_that_nobody_described(catalogue, settings, tmp_path, monkeypatch):
    settings.VAR = tmp_path
    monkeypatch.setattr(settings, "EMBEDDED_DATABASE", True)
    assert (
        "nothing serves this VAR. Remedy: start cardgen: make run"
        in found(run("doctor").stdout)["web"]
    )
