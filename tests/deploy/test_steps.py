"""What the scripts do one after another, with versions that only write down what they are asked."""

import fcntl
import os
import subprocess
from pathlib import Path

import pytest

from tests.support.processes import ROOT

# Stands in for a version's Python, and for systemctl: says what it is asked, and may refuse it. It
# may also send a signal to the script, or to all that a terminal would send it to (0).
NOTES = """#!/bin/sh
case $PWD in "$CARDGEN_ROOT"/releases/*) who=${PWD##*/} ;; *) who=systemctl ;; esac
[ "$1" = manage.py ] && shift
echo "$who $1 $2" | sed 's/ *$//' >>"$NOTES"
[ "$who $1 $2" != "$SIGNAL_AT" ] || kill -s "$SIGNAL" "${SIGNAL_TO:-$PPID}"
case " $REFUSE " in *" $who:$1 "*) exit 1 ;; esac
"""
ROUND = [
    *(
        f"systemctl restart cardgen-{name}.service"
        for name in ("worker", "reconciler", "beat", "web@1", "web@2")
    ),
    "systemctl try-restart cardgen-metrics.service",
]
AFTER = ["systemctl is-active --quiet"] * 3


class Place:
    """A folder with releases, and what was asked of them."""

    def __init__(self, root: Path) -> None:
        self.root, self._notes = root, root / "notes"
        for name in ("1", "2", "3"):
            self._program(root / "releases" / name / ".venv/bin/python")
        self._program(root / "systemctl")

    def _program(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(NOTES)
        path.chmod(0o755)

    def run(
        self, script: str, *words: str, refuse: str = "", **signal: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a script; what is in `refuse` (`version:command`) ends badly."""
        self._notes.write_text("")
        told = {
            "PATH": os.environ["PATH"],
            "CARDGEN_ROOT": str(self.root),
            "CARDGEN_CONFIG": str(self.root / "etc"),
            "CARDGEN_BACKUPS": "backups",
            "CARDGEN_SYSTEMCTL": str(self.root / "systemctl"),
            "NOTES": str(self._notes),
            "REFUSE": refuse,
        }
        # Whatever started the tests may ignore HUP, as nohup does, and would hand that on.
        command = ["env", "--default-signal", str(ROOT / "deploy" / script), *words]
        return subprocess.run(
            command, env=told | signal, capture_output=True, text=True, start_new_session=True
        )

    def deploy(
        self, name: str, *words: str, refuse: str = "", **signal: str
    ) -> subprocess.CompletedProcess[str]:
        """Deploy a version."""
        release = str(self.root / "releases" / name)
        return self.run("deploy.sh", release, *words, refuse=refuse, **signal)

    @property
    def asked(self) -> list[str]:
        """What versions and systemctl were asked, in order."""
        return self._notes.read_text().splitlines()

    def points(self, name: str) -> str:
        """Which version a link points at."""
        return (self.root / name).resolve(strict=True).name


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Version 1 serves."""
    place = Place(tmp_path)
    assert place.deploy("1").returncode == 0
    return place


def test_a_version_is_looked_at_backed_up_before_migrated_served_and_tried(place):
    assert place.deploy("2", "--contract").returncode == 0
    assert place.asked == [
        "2 preflight --contract",
        "2 check_upgrade",
        "1 backup backups",
        *(f"2 {step}" for step in ("migrate --no-input", "load_catalogue", "bootstrap")),
        *ROUND,
        "2 smoke 127.0.0.1:8000",
        *AFTER,
    ]
    assert (place.points("current"), place.points("previous")) == ("2", "1")


@pytest.mark.parametrize("refuse", ["2:preflight", "2:check_upgrade"])
def test_what_is_refused_at_the_first_look_changes_nothing(place, refuse):
    assert place.deploy("2", refuse=refuse).returncode == 1
    assert place.asked[-1].startswith(refuse.replace(":", " "))
    assert place.points("current") == "1"


@pytest.mark.parametrize("refuse", ["1:backup", "2:migrate", "2:load_catalogue"])
def test_what_fails_before_it_serves_leaves_the_old_one_alone(place, refuse):
    assert place.deploy("2", refuse=refuse).returncode == 1
    assert place.points("current") == "1"
    assert not any(line.startswith("systemctl") for line in place.asked)


def test_what_fails_when_it_serves_gives_way_to_the_old_one(place):
    done = place.deploy("2", refuse="2:smoke")
    assert (done.returncode, "/1 serves again" in done.stderr) == (1, True)
    assert place.points("current") == "1"
    assert place.asked[-10:] == [*ROUND, "1 smoke 127.0.0.1:8000", *AFTER]


@pytest.mark.parametrize("at", ["1 backup backups", "2 migrate --no-input"])
def test_ctrl_c_before_it_serves_leaves_the_old_one_alone(place, at):
    done = place.deploy("2", SIGNAL_AT=at, SIGNAL="INT", SIGNAL_TO="0")
    assert done.returncode != 0
    assert place.asked[-1] == at
    assert place.points("current") == "1"


@pytest.mark.parametrize(
    "signal", [{"SIGNAL": "TERM"}, *({"SIGNAL": one, "SIGNAL_TO": "0"} for one in ("INT", "HUP"))]
)
def test_who_interrupts_it_in_the_middle_again_and_again_gets_the_whole_old_one_back(place, signal):
    """The signal comes a second time while it goes back: a terminal that closes, a hasty hand."""
    done = place.deploy("2", SIGNAL_AT="systemctl restart cardgen-web@1.service", **signal)
    assert (done.returncode, "/1 serves again" in done.stderr) == (1, True), done.stderr
    assert "interrupted: back to" in done.stderr
    assert place.points("current") == "1"
    assert place.asked[-10:] == [*ROUND, "1 smoke 127.0.0.1:8000", *AFTER]


def test_a_rollback_is_not_left_half_done(place):
    place.deploy("2")
    at = {"SIGNAL_AT": "systemctl restart cardgen-worker.service", "SIGNAL_TO": "0"}
    assert place.run("rollback.sh", SIGNAL="INT", **at).returncode == 0
    assert place.asked == [*ROUND, "1 smoke 127.0.0.1:8000", *AFTER]


def test_if_the_old_one_fails_too_it_is_said_aloud(place):
    done = place.deploy("2", refuse="2:smoke 1:smoke")
    assert (done.returncode, "DOES NOT WORK EITHER" in done.stderr) == (1, True)


def test_the_first_version_has_none_to_go_back_to(tmp_path):
    done = Place(tmp_path).deploy("1", refuse="1:smoke")
    assert (done.returncode, "no version before it" in done.stderr) == (1, True)


def test_what_serves_already_is_not_deployed(place):
    assert "serves already" in place.deploy("1").stderr
    assert place.asked == []


def test_only_one_deploy_goes_on_at_a_time(place):
    with (place.root / "deploy.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "another deploy is under way" in place.deploy("2").stderr
    assert place.asked == []


def test_one_goes_back_to_the_version_before_and_forth_again(place):
    place.deploy("2")
    for now, before in (("1", "2"), ("2", "1")):
        assert place.run("rollback.sh").returncode == 0
        assert (place.points("current"), place.points("previous")) == (now, before)
    assert place.asked == [*ROUND, "2 smoke 127.0.0.1:8000", *AFTER]


def test_one_goes_back_to_a_version_that_is_named(place):
    assert place.run("rollback.sh", str(place.root / "releases/3")).returncode == 0
    assert place.points("current") == "3"
