import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.kernel.formats import (
    ExpiryForm,
    expiry_texts,
    grouped_pans,
    last_fours,
    masked_pans,
)

AMEX = np.array([b"378282246310005", b"371449635398431"])
VISA = np.array([b"4111111111111111"])
DATES = st.dates(dt.date(1990, 1, 1), dt.date(2110, 12, 31))


def test_amex_is_grouped_four_six_five() -> None:
    grouped = grouped_pans(AMEX, grouping=(4, 6, 5))
    assert grouped.tolist() == [b"3782 822463 10005", b"3714 496353 98431"]


def test_separator_is_the_callers() -> None:
    grouped = grouped_pans(VISA, grouping=(4, 4, 4, 4), separator="-")
    assert grouped.tolist() == [b"4111-1111-1111-1111"]


def test_one_group_is_the_pan_itself() -> None:
    assert grouped_pans(VISA, grouping=[16]).tolist() == VISA.tolist()


@pytest.mark.parametrize("grouping", [(4, 4, 4, 3), (4, 4, 4, 4, 4), (0, 16), (17, -1), ()])
def test_groups_that_do_not_fit_are_refused(grouping: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="add up"):
        grouped_pans(VISA, grouping=grouping)


@pytest.mark.parametrize("separator", ["", "--", "–"])
def test_other_separators_are_refused(separator: str) -> None:
    with pytest.raises(ValueError, match="one ASCII character"):
        grouped_pans(VISA, grouping=(8, 8), separator=separator)


def test_masked_pan_shows_first_six_and_last_four() -> None:
    assert masked_pans(AMEX).tolist() == [b"378282*****0005", b"371449*****8431"]


def test_masked_pan_shows_first_eight_on_demand() -> None:
    assert masked_pans(VISA, first=8).tolist() == [b"41111111****1111"]


def test_masking_leaves_the_pans_alone() -> None:
    pans = VISA.copy()
    masked_pans(pans)
    assert pans.tolist() == VISA.tolist()


@pytest.mark.parametrize("first", [0, 4, 7, 9, 12])
def test_showing_more_or_less_is_refused(first: int) -> None:
    with pytest.raises(ValueError, match="6 or 8"):
        masked_pans(VISA, first=first)


def test_short_pan_with_eight_digits_is_refused() -> None:
    with pytest.raises(ValueError, match="hide"):
        masked_pans(np.array([b"000000005967"]), first=8)


def test_last_four_digits() -> None:
    assert last_fours(AMEX).tolist() == [b"0005", b"8431"]


@settings(deadline=None)
@given(dates=st.lists(DATES, max_size=5))
def test_expiry_is_written_as_the_calendar_has_it(dates: list[dt.date]) -> None:
    months = np.array([date.year * 12 + date.month - 1 for date in dates], dtype=np.int32)
    for form, pattern in [("MM/YY", "{m:02d}/{s:02d}"), ("YYMM", "{s:02d}{m:02d}")]:
        expected = [pattern.format(m=date.month, s=date.year % 100).encode() for date in dates]
        assert expiry_texts(months, form=ExpiryForm(form)).tolist() == expected


def test_expiry_forms() -> None:
    months = np.array([2029 * 12 + 11, 2030 * 12], dtype=np.int32)
    written = {form.value: expiry_texts(months, form=form).tolist() for form in ExpiryForm}
    assert written == {
        "MM/YY": [b"12/29", b"01/30"],
        "YYMM": [b"2912", b"3001"],
        "YYYY-MM": [b"2029-12", b"2030-01"],
        "MMYY": [b"1229", b"0130"],
    }
