"""Nothing that may happen, in whatever order, hands a number out twice."""

import secrets
import sys

import pytest
from hypothesis import seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.uniqueness.machine import world
from tests.uniqueness.machine.base import Base
from tests.uniqueness.machine.machine import UniquenessMachine

HOURS = 4 * 3_600


@pytest.mark.timeout(HOURS)
@pytest.mark.django_db(transaction=True)
def test_distinct_is_counted_is_asked_whatever_happens(request, scale: settings):
    Base.world = world.create()
    chosen = request.config.getoption("--hypothesis-seed")
    number = int(chosen) if chosen else _seed(scale)
    try:
        run_state_machine_as_test(seed(number)(UniquenessMachine), settings=scale)
    finally:
        _say(request, f"{Base.steps:,} steps; again: --hypothesis-seed={number}")


def _seed(scale: settings) -> int:
    """The same in every ordinary run, so that it fails for those only who broke something."""
    return secrets.randbelow(10**9) if scale.max_examples > 100 else 1


def _say(request: pytest.FixtureRequest, text: str) -> None:
    """On the terminal, or with the failure where several processes share the tests out."""
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        sys.stdout.write(f"{text}\n")
        return
    with request.config.pluginmanager.get_plugin("capturemanager").global_and_fixture_disabled():
        reporter.ensure_newline()
        reporter.write_line(text)
