"""What one test leaves in this process and on the cache server, no other test finds."""

import pytest

from cardgen.access.attempts import Attempt, TooManyLogins
from generation.models import IssuerRange
from jobs import work
from tests.support.fixtures import Submit, register
from tests.support.slots import pans
from tests.support.work import LONG
from toolkit import tally
from uniqueness.check import Layer, check
from uniqueness.stats import figures

# Each test runs twice, in either order: it leaves what the other one must not find.
twice = pytest.mark.parametrize("time", ["once", "again"])
_ids: set[int] = set()


@twice
def test_a_number_is_not_known_as_issued(
    time: str, submit: Submit, small_range: IssuerRange
) -> None:
    number = pans(small_range, 7)
    assert check(number)[0].layer != Layer.CACHE
    submit(range=small_range.name, count=100)
    work.work(duration=LONG)
    check(number)
    assert check(number)[0].layer == Layer.CACHE


@twice
def test_figures_are_those_of_now(time: str, submit: Submit, small_range: IssuerRange) -> None:
    assert figures.database()["cardgen_numbers"]["issued"] == 0
    submit(range=small_range.name, count=100)
    work.work(duration=LONG)
    assert figures.database()["cardgen_numbers"]["issued"] == 0  # it is kept for seconds


@twice
def test_no_id_is_that_of_another_range(time: str, db: None) -> None:
    found = register(iin="99999901", pan_length=12).pk
    assert found not in _ids
    _ids.add(found)


@twice
def test_nobody_is_locked_out(time: str) -> None:
    attempt = Attempt(username="tester", address="192.0.2.1")
    attempt.check()
    for _ in range(100):
        attempt.failed()
    with pytest.raises(TooManyLogins):
        attempt.check()


@twice
def test_what_waits_to_be_counted_is_dropped(time: str) -> None:
    assert not tally._gatherer._gathered
    tally.add("a test")
