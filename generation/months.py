"""Months as numbers: 12 a year, counted from the year 0, as year * 12 + month - 1."""

from datetime import date

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]
_EPOCH = 1970 * 12  # where NumPy counts months from


def month_number(day: date) -> int:
    """Count the months until the one of this day."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """Give the day a month begins with."""
    year, index = divmod(month, 12)
    return date(year, index + 1, 1)


def last_day(month: int) -> date:
    """Give the last day of a month: a card is good until then."""
    day: date = last_days(np.array([month])).tolist()[0]
    return day


def last_days(months: NDArray[np.integer]) -> Days:
    """Give the last days of N months (datetime64[D])."""
    following = (months.astype(np.int64) + 1 - _EPOCH).astype("datetime64[M]")
    days: Days = (following.astype("datetime64[D]").astype(np.int64) - 1).astype("datetime64[D]")
    return days


def month_numbers(days: Days) -> NDArray[np.int32]:
    """Count the months until those of N days (datetime64[D])."""
    return (days.astype("datetime64[M]").astype(np.int64) + _EPOCH).astype(np.int32)
