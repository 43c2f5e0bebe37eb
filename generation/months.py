"""Months as numbers: 12 a year, counted from the year 0, as year * 12 + month - 1."""

from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from toolkit.refusals import Mistake

Days = NDArray[np.datetime64]
LAST_EXPIRY = 2049 * 12 + 11
"""December 2049: of two digits, EMV terminals take 50 to 99 for 1950 to 1999 (Book 4, 6.7.3)."""
_EPOCH = 1970 * 12  # where NumPy counts months from
_LAST_TO_BEGIN = timedelta(hours=12)


class ExpiryTooFar(Mistake):
    """Cards show two digits of the year, and those would be taken for a year in the past."""

    code = "expiry_too_far"


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


def month_begun(now: datetime) -> int:
    """Give the month that has begun in all time zones, UTC-12 last: those before it are over.

    :param now: in UTC
    """
    return month_number((now - _LAST_TO_BEGIN).date())


def check_expiry(month: int) -> None:
    """Let only expiry months pass that are understood by their two-digit year.

    :raises ExpiryTooFar: beyond December 2049
    """
    if month > LAST_EXPIRY:
        raise ExpiryTooFar(
            f"An expiry may be December {LAST_EXPIRY // 12} at the latest: cards show two digits of"
            " the year, and terminals take 50 to 99 for 1950 to 1999 (EMV Book 4), so the card"
            " would have expired. Choose an earlier one."
        )
