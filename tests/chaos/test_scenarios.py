"""Scenarios of `python -m chaos` at their smallest: real servers, processes and signals."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chaos.suite import SCENARIOS
from chaos.world import cluster

pytestmark = pytest.mark.timeout(1_500)
_SEED = 20_261_124
_TOO_LONG = {"R10"}  # copies a whole server: `make chaos` runs it
_NAMES = [one.id for one in SCENARIOS if one.id not in _TOO_LONG and not one.cluster]
_OF_CLUSTERS = [one.id for one in SCENARIOS if one.cluster]


def chaos(*options: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would."""
    command = [sys.executable, "-m", "chaos", *options]
    return subprocess.run(command, capture_output=True, text=True)


def reported(names: list[str], *, out: Path) -> dict[str, dict[str, Any]]:
    """What a run of these scenarios reports, by scenario."""
    chosen = [word for name in names for word in ("--scenario", name)]
    options = ["--size", "smallest", "--jobs", "1", "--seed", str(_SEED), "--out", str(out)]
    done = chaos(*options, *chosen)
    report = json.loads((out / "chaos.json").read_text())
    assert (done.returncode == 0) == report["passed"], done.stderr
    return {outcome["scenario"]: outcome for outcome in report["outcomes"]}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return reported(_NAMES, out=tmp_path_factory.mktemp("chaos"))


@pytest.fixture(scope="module")
def of_clusters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return reported(_OF_CLUSTERS, out=tmp_path_factory.mktemp("chaos"))


@pytest.mark.parametrize("name", _NAMES)
def test_what_must_survive_survives(name: str, outcomes: dict[str, dict[str, Any]]) -> None:
    expect_survival(outcomes[name])


@pytest.mark.skipif(not cluster.PROGRAMS, reason=f"needs {cluster.VARIABLE}, docs/scaling.md")
@pytest.mark.parametrize("name", _OF_CLUSTERS)
def test_what_must_survive_on_several_servers_does(
    name: str, of_clusters: dict[str, dict[str, Any]]
) -> None:
    expect_survival(of_clusters[name])


def expect_survival(outcome: dict[str, Any]) -> None:
    assert outcome["problems"] == []
    assert sum(outcome["faults"].values()) > 0
    assert outcome["cards"] > 0
    assert outcome["duplicates"] == outcome["lost"] == 0
