"""Web, worker, beat and reconciler do not run as root."""

import os
import sys

import pytest

from cardgen.embedded import accounts
from cardgen.embedded.accounts import AccountUnusable
from cardgen.run.account import application_account
from cardgen.run.programs import applications, first_job

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="started by root")
PYTHON = "/usr/bin/python3"


@pytest.fixture(autouse=True)
def nothing_is_asked_for(settings):
    """Whatever the environment of whoever runs the tests says of it."""
    settings.CARDGEN_ALLOW_ROOT = "0"


def test_the_programs_of_an_account_become_it_before_they_begin(var):
    account = accounts.Account(uid=7, gid=8)
    found = applications(var, listen=["-p", "1"], account=account)
    job = first_job(var, count=1, out=var, account=account)
    for program in [*found, job]:
        assert program.command[6:8] == ["7", "8"]
        assert program.command.count(sys.executable) == 2


@as_root
def test_root_hands_var_over_to_the_account(var, monkeypatch):
    monkeypatch.setattr(accounts, "can", lambda *_: True)
    account = application_account(var, warn=print)
    assert account == accounts.server_account()
    assert var.stat().st_uid == account.uid


@as_root
def test_root_is_refused_if_the_account_cannot_run_the_code(var, settings, tmp_path):
    settings.BASE_DIR = tmp_path / "private"
    with pytest.raises(AccountUnusable, match="CARDGEN_ALLOW_ROOT=1"):
        application_account(var, warn=print)
    assert var.stat().st_uid == 0


@as_root
def test_who_only_tries_it_out_is_told_and_goes_on(var, settings, tmp_path, capsys):
    settings.BASE_DIR = tmp_path / "private"
    settings.CARDGEN_ALLOW_ROOT = "IF-NEEDED"
    assert application_account(var, warn=print) is None
    assert "run as root" in capsys.readouterr().out


def test_whoever_asks_for_it_stays_who_they_are(var, settings):
    settings.CARDGEN_ALLOW_ROOT = "1"
    assert application_account(var, warn=print) is None
