"""Cores: those of the machine, or fewer in a container."""

import os

import pytest

from cardgen.configuration import cores as module
from cardgen.configuration.cores import cores


@pytest.mark.parametrize(
    ("quota", "count"), [("150000 100000", 2), ("100000 100000", 1), ("10000 100000", 1)]
)
def test_a_container_that_may_use_fewer_has_fewer(monkeypatch, tmp_path, quota, count):
    file = tmp_path / "cpu.max"
    file.write_text(f"{quota}\n")
    monkeypatch.setattr(module, "_QUOTA", file)
    assert cores() == min(count, len(os.sched_getaffinity(0)))


@pytest.mark.parametrize("quota", ["max 100000", "6400000 100000", ""])
def test_no_container_has_more_than_its_machine(monkeypatch, tmp_path, quota):
    file = tmp_path / "cpu.max"
    file.write_text(quota)
    monkeypatch.setattr(module, "_QUOTA", file)
    assert cores() == len(os.sched_getaffinity(0))
