"""One arithmetic of months, against the calendar of the standard library."""

from calendar import monthrange
from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from generation import months

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
