"""A report without a run."""

from collections.abc import Callable

import pytest

from bench.load.answers import rows
from bench.load.clients import Answered
from bench.load.single_card import CROWDS
from bench.report.machine import Machine
from bench.report.report import Report

NAMES = ("view", "one card", "1,000 cards", "check")


@pytest.fixture
def machine() -> Machine:
    """A small machine."""
    return Machine(
        cores=2,
        cpu="Abacus 7",
        memory_gb=8.0,
        kernel="Linux 6",
        python="3.11.7",
        postgres="18.0",
        load=0.25,
    )


@pytest.fixture
def make_report(machine: Machine) -> Callable[..., Report]:
    """Make a report in which every answer takes as long as said."""

    def make(milliseconds: float = 2.0, *, quick: bool = False) -> Report:
        answered = Answered(times=[milliseconds] * 500, seconds=milliseconds, cpu=0.1)
        found = {(name, count): [answered, answered] for count in CROWDS for name in NAMES}
        return Report(machine=machine, quick=quick, rows=rows(found))

    return make
