"""One arithmetic of months, against the calendar of the standard library; how late cards expire."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation import months
from generation.months import LAST_EXPIRY, ExpiryTooFar, check_expiry, month_begun

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(9999, 12, 31))


@given(DAYS)
def test_a_month_begins_and_ends_as_in_the_calendar(day):
    number = months.month_number(day)
    assert months.first_day(number) == day.replace(day=1)
    assert months.last_day(number) == day.replace(day=monthrange(day.year, day.month)[1])


@given(st.lists(DAYS))
def test_many_at_once_are_the_same_as_one_by_one(days):
    numbers = months.month_numbers(np.array(days, dtype="datetime64[D]"))
    assert numbers.tolist() == [months.month_number(day) for day in days]
    assert months.last_days(numbers).tolist() == [months.last_day(n) for n in numbers.tolist()]


def test_the_next_month_begins_where_one_ends():
    number = months.month_number(date(2028, 2, 29))
    assert months.last_day(number) + timedelta(days=1) == months.first_day(number + 1)


@pytest.mark.parametrize(
    ("now", "month"),
    [
        (datetime(2027, 1, 1, 11, 59, 59, tzinfo=UTC), 2026 * 12 + 11),
        (datetime(2027, 1, 1, 12, 0, tzinfo=UTC), 2027 * 12),
        (datetime(2027, 1, 31, 23, 59, tzinfo=UTC), 2027 * 12),
    ],
)
def test_a_month_has_begun_everywhere_when_it_begins_at_utc_minus_12(
    now: datetime, month: int
) -> None:
    assert month_begun(now) == month


def test_an_expiry_may_be_in_the_last_month_that_terminals_understand() -> None:
    check_expiry(2049 * 12 + 11)
    with pytest.raises(ExpiryTooFar, match="December 2049 at the latest"):
        check_expiry(LAST_EXPIRY + 1)
