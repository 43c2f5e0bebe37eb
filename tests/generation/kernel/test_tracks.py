from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.kernel import tracks
from tests.generation.kernel import reference_fields

Track = Callable[..., np.ndarray]

DIGITS = "0123456789"
PANS = st.integers(12, 19).flatmap(lambda size: st.text(DIGITS, min_size=size, max_size=size))
SERVICE = st.text(DIGITS, min_size=3, max_size=3)
MONTHS = st.integers(2000 * 12, 2099 * 12 + 11)
LETTERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=12)
NAMES = st.tuples(LETTERS, LETTERS).map(" ".join)
STRIPE_DATA = st.integers(1, 8).flatmap(lambda size: st.text(DIGITS, min_size=size, max_size=size))


def column(*texts: str) -> np.ndarray:
    return np.array([text.encode() for text in texts])


def months(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int32)


def yymm(month: int) -> str:
    return f"{month // 12 % 100:02d}{month % 12 + 1:02d}"


def card(pan: str, month: int, service: str, data: str) -> dict[str, np.ndarray]:
    return {
        "pans": column(pan),
        "expiry_months": months(month),
        "service_codes": column(service),
        "discretionary": column(data),
    }


@settings(deadline=None)
@given(pan=PANS, name=NAMES, month=MONTHS, service=SERVICE, data=STRIPE_DATA)
def test_track1_agrees_with_the_naive_rule(
    pan: str, name: str, month: int, service: str, data: str
) -> None:
    record = tracks.track1(**card(pan, month, service, data), names=column(name))
    expected = reference_fields.track1(pan, name, yymm(month), service, data)
    assert record.tolist() == [expected.encode()]


@settings(deadline=None)
@given(pan=PANS, month=MONTHS, service=SERVICE, data=STRIPE_DATA)
def test_track2_agrees_with_the_naive_rule(pan: str, month: int, service: str, data: str) -> None:
    record = tracks.track2(**card(pan, month, service, data))
    expected = reference_fields.track2(pan, yymm(month), service, data)
    assert record.tolist() == [expected.encode()]


@settings(deadline=None)
@given(pan=PANS, month=MONTHS, service=SERVICE, data=STRIPE_DATA)
def test_tag57_agrees_with_the_naive_rule(pan: str, month: int, service: str, data: str) -> None:
    value = tracks.track2_equivalent(**card(pan, month, service, data))
    expected = reference_fields.tag57(pan, yymm(month), service, data)
    assert value.tolist() == [expected.encode()]


def test_whole_stripe_of_one_card() -> None:
    pvvs, cvvs = column("2468"), column("561")
    wide, narrow = (
        layout(pvvs=pvvs, cvvs=cvvs) for layout in (tracks.discretionary1, tracks.discretionary2)
    )
    plain = {"pans": column("4123456789012345"), "expiry_months": months(1987 * 12)}
    plain["service_codes"] = column("101")
    one = tracks.track1(**plain, names=column("ADA KING"), discretionary=wide)[0].decode()
    two = tracks.track2(**plain, discretionary=narrow)[0].decode()
    chip = tracks.track2_equivalent(**plain, discretionary=narrow)[0].decode()
    assert one[:-1] == "%B4123456789012345^KING/ADA                  ^87011011246800561000000?"
    assert two[:-1] == ";4123456789012345=870110112468561?"
    assert chip == "4123456789012345D870110112468561"


def test_messages_carry_the_data_of_a_track_without_sentinels_and_check() -> None:
    longest = card("9" * 19, 24_000, "201", "0" * 21) | {"names": column("A B")}
    data1 = tracks.data(tracks.track1(**longest))
    assert data1.tolist() == [b"B" + b"9" * 19 + b"^" + b"B/A".ljust(26) + b"^0001201" + b"0" * 21]
    data2 = tracks.data(tracks.track2(**card("9" * 19, 24_000, "201", "0" * 10)))
    assert data2.tolist() == [b"9" * 19 + b"=0001201" + b"0" * 10]
    assert (data1.itemsize, data2.itemsize) == (76, 37)


def test_rows_have_their_own_checks() -> None:
    rows = tracks.track2(
        pans=column("4111111111111111", "4111111111111112"),
        expiry_months=months(24_000, 24_000),
        service_codes=column("201", "201"),
        discretionary=column("0", "0"),
    )
    assert rows[0][-1] ^ rows[1][-1] == 1 ^ 2


def test_longest_card_fits_both_tracks() -> None:
    pvvs, cvvs = column("2468"), column("561")
    plain = card("9" * 19, 24_000, "201", "0")
    plain["discretionary"] = tracks.discretionary1(pvvs=pvvs, cvvs=cvvs)
    one = tracks.track1(**plain, names=column("A" * 26))
    plain["discretionary"] = tracks.discretionary2(pvvs=pvvs, cvvs=cvvs)
    two, chip = tracks.track2(**plain), tracks.track2_equivalent(**plain)
    assert (one.itemsize, two.itemsize, chip.itemsize) == (74, 38, 36)


def test_track1_has_up_to_79_characters() -> None:
    longest = card("9" * 19, 24_000, "201", "0" * 21)
    assert tracks.track1(**longest, names=column("A B")).itemsize == 79
    with pytest.raises(ValueError, match="at most 79"):
        tracks.track1(**card("9" * 19, 24_000, "201", "0" * 22), names=column("A B"))


@pytest.mark.parametrize(("make", "data"), [(tracks.track2, 10), (tracks.track2_equivalent, 11)])
def test_track2_has_up_to_40_characters(make: Track, data: int) -> None:
    assert make(**card("9" * 19, 24_000, "201", "0" * data)).itemsize in (38, 40)
    with pytest.raises(ValueError, match="at most"):
        make(**card("9" * 19, 24_000, "201", "0" * (data + 1)))


@pytest.mark.parametrize(("pan", "data"), [("411111111111111x", "0"), ("4111111111111111", "0@")])
@pytest.mark.parametrize("make", [tracks.track2, tracks.track2_equivalent])
def test_letters_are_refused(make: Track, pan: str, data: str) -> None:
    with pytest.raises(ValueError, match=r"ASCII digits|does not know"):
        make(**card(pan, 24_000, "201", data))


@pytest.mark.parametrize("data", ["0x", "0\x1f", "0`"])
def test_track1_refuses_what_it_does_not_know(data: str) -> None:
    with pytest.raises(ValueError, match="does not know"):
        tracks.track1(**card("4111111111111111", 24_000, "201", data), names=column("A B"))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("OLIVIA TAYLOR", "TAYLOR/OLIVIA"),
        ("REFUSED", "REFUSED/"),
        ("Ada B King", "KING/ADA B"),
        ("A/B C^D?", "A/B C D"),
        ("UAT USA/TEST CARD 20", "UAT USA/TEST CARD 20"),
        ("DOE/JOHN.MR", "DOE/JOHN.MR"),
        ("Doe / John", "DOE/JOHN"),
        ("DOE/", "DOE/"),
        (" /", " /"),
        ("A/B/C D", "D/A B C"),
        ("{JO} ~LEE|", "LEE/JO"),
        ("JO`N LEE", "LEE/JO N"),
        (" PAT  LEE ", "LEE/PAT"),
        ("A" * 26, "A" * 25 + "/"),
        ("BARTHOLOMEW MONTGOMERYSHIRE", "MONTGOMERYSHIRE/BARTHOLOME"),
    ],
)
def test_name_is_written_last_name_first(name: str, written: str) -> None:
    turned = tracks.track_names(np.array([name.encode()]))
    assert turned.tolist() == [written.ljust(26).encode()]


@pytest.mark.parametrize("name", ["  ", "??", "", "/", "/JOHN", "? /"])
def test_name_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a name must"):
        tracks.track_names(column("A B", name))


def test_no_cards_give_no_tracks() -> None:
    none = {key: values[:0] for key, values in card("4" * 16, 24_000, "201", "0").items()}
    assert tracks.track2(**none).size == tracks.track2_equivalent(**none).size == 0
    assert tracks.track1(**none, names=column("A B")[:0]).size == 0
