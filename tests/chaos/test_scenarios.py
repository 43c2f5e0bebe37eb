"""Scenarios of `python -m chaos` at their smallest: real servers, processes and signals."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chaos.suite import SCENARIOS

pytestmark = pytest.mark.timeout(1_500)
_SEED = 20_261_124
_TOO_LONG = {"R10"}  # copies a whole server: `make chaos` runs it
_NAMES = [scenario.id for scenario in SCENARIOS if scenario.id not in _TOO_LONG]


def chaos(*options: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would."""
    command = [sys.executable, "-m", "chaos", *options]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What a run of these scenarios reports, by scenario."""
    out: Path = tmp_path_factory.mktemp("chaos")
    chosen = [word for name in _NAMES for word in ("--scenario", name)]
    options = ["--size", "smallest", "--jobs", "1", "--seed", str(_SEED), "--out", str(out)]
    done = chaos(*options, *chosen)
    report = json.loads((out / "chaos.json").read_text())
    assert (done.returncode == 0) == report["passed"], done.stderr
    return {outcome["scenario"]: outcome for outcome in report["outcomes"]}


@pytest.mark.parametrize("name", _NAMES)
def test_what_must_survive_survives(name: str, outcomes: dict[str, dict[str, Any]]) -> None:
    outcome = outcomes[name]
    assert outcome["problems"] == []
    assert sum(outcome["faults"].values()) > 0
    assert outcome["cards"] > 0
    assert outcome["duplicates"] == outcome["lost"] == 0
