import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import generation
from generation.kernel.defects import Defect, require_possible, spoil
from generation.kernel.luhn import is_valid
from generation.kernel.mint import Cards, mint, slots_of, span
from generation.kernel.spec import RangeSpec
from tests.generation.kernel import reference, reference_fields
from tests.generation.kernel.cards import MASTER_KEY, NAMES, PROFILE, SPECS, spec_of

from .way_back import slots_of_spoiled

MONTH = 2026 * 12 + 5
STAND_IN = 42
SPEC = spec_of("400000", 16)
CARDS = mint(SPEC, slots=span(123_456_000, 5_000), profile=PROFILE)
SMALL = spec_of("37828224", 15, 4)  # 10^6 slots
PAN_DEFECTS = [
    Defect.LUHN,
    Defect.TOO_SHORT,
    Defect.TOO_LONG,
    Defect.NON_DIGIT,
    Defect.UNKNOWN_SCHEME,
]
EVERY_DEFECT = pytest.mark.parametrize("defect", list(Defect))
EVERY_PAN_DEFECT = pytest.mark.parametrize("defect", PAN_DEFECTS)


def possible(spec: RangeSpec, defect: Defect) -> bool:
    too_long = defect is Defect.TOO_LONG and spec.pan_length == 19
    return not too_long and not (defect is Defect.UNKNOWN_SCHEME and spec.iin.startswith("99"))


CASES = [(spec, defect) for spec in SPECS for defect in Defect if possible(spec, defect)]
EVERY_CASE = pytest.mark.parametrize(
    ("spec", "defect"), CASES, ids=[f"{NAMES[SPECS.index(spec)]}-{d}" for spec, d in CASES]
)


def spoiled(defect: Defect, cards: Cards = CARDS, spec: RangeSpec = SPEC) -> Cards:
    return spoil(spec, cards=cards, defect=defect, month=MONTH, stand_in=STAND_IN)


def back(defect: Defect, pans: np.ndarray | list[str], spec: RangeSpec = SPEC) -> list[int]:
    slots = slots_of_spoiled(spec, pans=pans, defect=defect, stand_in=STAND_IN)
    return slots.tolist()


def texts(defect: Defect) -> list[str]:
    return [pan.decode() for pan in spoiled(defect).pans]


def test_names_are_those_of_the_api() -> None:
    names = {"luhn", "too_short", "too_long", "expired", "cvv_length", "non_digit"}
    assert {defect.value for defect in Defect} == names | {"unknown_scheme"}


@EVERY_CASE
def test_slots_come_back_from_both_ends(spec: RangeSpec, defect: Defect) -> None:
    slots = np.concatenate((span(0, 300), span(spec.capacity - 300, 300)))
    cards = spoiled(defect, mint(spec, slots=slots, profile=PROFILE), spec)
    assert back(defect, cards.pans, spec) == slots.tolist()


@settings(deadline=None)
@given(case=st.sampled_from(CASES), numbers=st.lists(st.integers(0), min_size=1, max_size=6))
def test_slots_come_back_from_anywhere(case: tuple[RangeSpec, Defect], numbers: list[int]) -> None:
    spec, defect = case
    slots = np.array([number % spec.capacity for number in numbers], dtype=np.int64)
    cards = spoiled(defect, mint(spec, slots=slots, profile=PROFILE), spec)
    assert back(defect, [pan.decode() for pan in cards.pans], spec) == slots.tolist()


@EVERY_PAN_DEFECT
def test_whole_range_is_spoiled_without_repeats(defect: Defect) -> None:
    cards = mint(SMALL, slots=span(0, SMALL.capacity), profile=PROFILE)
    pans = spoiled(defect, cards, SMALL).pans
    assert np.unique(pans).size == SMALL.capacity
    assert back(defect, pans, SMALL) == cards.slots.tolist()


def test_no_pan_has_two_defects_in_one_range() -> None:
    tiny = spec_of("00000000", 12)
    cards = mint(tiny, slots=span(0, tiny.capacity), profile=PROFILE)
    pans = np.concatenate([spoiled(defect, cards, tiny).pans for defect in PAN_DEFECTS])
    assert np.unique(np.concatenate([pans, cards.pans])).size == 6 * tiny.capacity


@pytest.mark.parametrize("defect", [Defect.LUHN, Defect.TOO_SHORT, Defect.TOO_LONG])
def test_defective_pan_fails_luhn(defect: Defect) -> None:
    assert not any(is_valid(pan) for pan in texts(defect))


@EVERY_PAN_DEFECT
def test_defective_pan_is_no_good_one_of_the_range(defect: Defect) -> None:
    assert set(slots_of(SPEC, pans=texts(defect)).tolist()) == {-1}


@EVERY_PAN_DEFECT
def test_pan_defect_leaves_the_other_fields_alone(defect: Defect) -> None:
    cards = spoiled(defect)
    assert np.array_equal(cards.cvvs, CARDS.cvvs)
    assert np.array_equal(cards.expiry_months, CARDS.expiry_months)
    assert np.array_equal(cards.slots, CARDS.slots)


@EVERY_DEFECT
def test_good_cards_have_no_slot_among_spoiled_pans(defect: Defect) -> None:
    expected = [-1] * 5_000 if defect in PAN_DEFECTS else CARDS.slots.tolist()
    assert back(defect, CARDS.pans) == expected


@EVERY_DEFECT
def test_nonsense_has_no_slot(defect: Defect) -> None:
    pan = spoiled(defect).pans[0].decode()
    nonsense = ["", "4", "é" * 16, pan + "0", pan + "\0", pan[:-1] + "x", "x" + pan[1:]]
    nonsense += ["-" * 16, "\0" * 16, pan[:5] + "\0" + pan[6:], " " + pan, "9" * 40]
    assert back(defect, [*nonsense, pan]) == [-1] * len(nonsense) + [123_456_000]


@EVERY_PAN_DEFECT
def test_one_wrong_character_anywhere_takes_the_slot_away(defect: Defect) -> None:
    pan = spoiled(defect).pans[0]
    rows = np.tile(np.frombuffer(pan, dtype=np.uint8), (len(pan), 256, 1))
    places = np.arange(len(pan))
    rows[places, :, places] = np.arange(256)
    found = np.array(back(defect, rows.reshape(-1, len(pan)).view(f"S{len(pan)}").ravel()))
    assert np.count_nonzero(found == 123_456_000) == len(pan)


@EVERY_DEFECT
def test_no_cards_are_spoiled_into_none(defect: Defect) -> None:
    nothing = CARDS.take(np.array([], dtype=np.int64))
    assert len(spoiled(defect, nothing)) == 0
    assert back(defect, []) == []


def test_wrong_check_digit_is_the_right_one_plus_five() -> None:
    for good, bad in zip(CARDS.pans, texts(Defect.LUHN), strict=True):
        assert bad == good.decode()[:-1] + str((int(good[-1:]) + 5) % 10)


def test_longer_pan_has_one_digit_that_is_no_check_digit() -> None:
    for good, bad in zip(CARDS.pans, texts(Defect.TOO_LONG), strict=True):
        right = int(reference.check_digit(good.decode()))
        assert bad == good.decode() + str((right + 3) % 10)


def test_shorter_pan_is_cut_until_it_fails_luhn() -> None:
    for good, bad in zip(CARDS.pans, texts(Defect.TOO_SHORT), strict=True):
        expected = good.decode()[:-1]
        while reference.luhn_total(expected) % 10 == 0:
            expected = expected[:-1]
        assert bad == expected


def test_shorter_pan_mostly_lacks_one_digit() -> None:
    lengths = np.bincount([16 - len(pan) for pan in texts(Defect.TOO_SHORT)])
    # Nine in ten expected: 4,500 of 5,000, standard deviation 21.
    assert 4_390 < lengths[1] < 4_610
    assert lengths[2] > 300


def test_shorter_pan_keeps_its_iin() -> None:
    zeros = spec_of("000000", 12)
    cards = mint(zeros, slots=span(0, zeros.capacity), profile=PROFILE)
    pans = spoiled(Defect.TOO_SHORT, cards, zeros).pans
    assert np.strings.str_len(pans).min() == len("000000")
    assert np.all(np.strings.startswith(pans, b"000000"))
    assert np.unique(pans).size == zeros.capacity


def test_letter_stands_for_the_digit_it_looks_like() -> None:
    for good, bad in zip(CARDS.pans, texts(Defect.NON_DIGIT), strict=True):
        places = [place for place in range(16) if bad[place] != chr(good[place])]
        assert len(places) == 1
        assert places[0] >= 6
        assert "OIZEASGTBQ".index(bad[places[0]]) == int(chr(good[places[0]]))


def test_letter_is_where_the_reference_says() -> None:
    word = reference_fields.words(MASTER_KEY, "400000", 16, 123_456_000, 3)[1]
    assert not texts(Defect.NON_DIGIT)[0][6 + (word * 10 >> 32)].isdigit()


def test_letters_are_at_every_place_after_the_iin() -> None:
    places = {next(i for i, c in enumerate(pan) if c.isalpha()) for pan in texts(Defect.NON_DIGIT)}
    assert places == set(range(6, 16))


def test_unknown_scheme_is_the_only_thing_wrong() -> None:
    for good, bad in zip(CARDS.pans, texts(Defect.UNKNOWN_SCHEME), strict=True):
        assert bad[:-1] == "990042" + good.decode()[6:-1]
        assert is_valid(bad)


def test_ranges_with_other_stand_ins_share_no_pan() -> None:
    others = spoil(SPEC, cards=CARDS, defect=Defect.UNKNOWN_SCHEME, month=MONTH, stand_in=43)
    assert not set(others.pans) & set(spoiled(Defect.UNKNOWN_SCHEME).pans)


def test_long_iin_keeps_its_last_two_digits() -> None:
    cards = spoiled(Defect.UNKNOWN_SCHEME, mint(SMALL, slots=span(0, 9), profile=PROFILE), SMALL)
    assert {bytes(pan)[:8] for pan in cards.pans} == {b"99004224"}


def test_no_scheme_and_no_published_card_is_under_99() -> None:
    folder = Path(generation.__file__).parent / "data"
    for name, field in [("schemes.csv", "iin_ranges"), ("published_test_cards.csv", "number")]:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            prefixes = [part for row in csv.DictReader(file) for part in row[field].split(";")]
        assert len(prefixes) > 50
        assert not [prefix for prefix in prefixes if prefix.startswith("99")]


def test_expired_card_expired_within_three_years() -> None:
    months = spoiled(Defect.EXPIRED).expiry_months
    assert months.dtype == CARDS.expiry_months.dtype
    assert sorted(set((MONTH - months).tolist())) == list(range(1, 37))


def test_expired_month_agrees_with_the_reference() -> None:
    word = reference_fields.words(MASTER_KEY, "400000", 16, 123_456_000, 3)[0]
    assert spoiled(Defect.EXPIRED).expiry_months[0] == MONTH - 1 - (word * 36 >> 32)


def test_expired_card_is_otherwise_good() -> None:
    cards = spoiled(Defect.EXPIRED)
    assert np.array_equal(cards.pans, CARDS.pans)
    assert np.array_equal(cards.cvvs, CARDS.cvvs)


@pytest.mark.parametrize("month", [35, -1, 120_000])
def test_expiry_before_year_0_is_refused(month: int) -> None:
    first = spoil(SPEC, cards=CARDS, defect=Defect.EXPIRED, month=36, stand_in=0)
    assert first.expiry_months.min() == 0
    with pytest.raises(ValueError, match="month must"):
        spoil(SPEC, cards=CARDS, defect=Defect.EXPIRED, month=month, stand_in=0)


@pytest.mark.parametrize("spec", [SPEC, SMALL])
def test_cvv_lacks_its_last_digit(spec: RangeSpec) -> None:
    cards = mint(spec, slots=span(0, 50), profile=PROFILE)
    short = spoiled(Defect.CVV_LENGTH, cards, spec)
    assert short.cvvs.tolist() == [cvv[:-1] for cvv in cards.cvvs]
    assert np.array_equal(short.pans, cards.pans)


def test_slots_come_back_from_sequential_windows() -> None:
    cards = mint(SPEC, slots=span(3 * 10**6, 50), profile=PROFILE, sequential=True)
    pans = spoiled(Defect.TOO_SHORT, cards).pans
    slots = slots_of_spoiled(
        SPEC, pans=pans, defect=Defect.TOO_SHORT, stand_in=0, sequential_windows=[3]
    )
    assert np.array_equal(slots, cards.slots)


@pytest.mark.parametrize(
    ("iin", "length", "defect", "stand_in"),
    [
        ("400000", 19, Defect.TOO_LONG, 0),
        ("990000", 16, Defect.UNKNOWN_SCHEME, 0),
        ("400000", 16, Defect.UNKNOWN_SCHEME, -1),
        ("400000", 16, Defect.UNKNOWN_SCHEME, 10_000),
    ],
)
def test_impossible_defect_is_refused(iin: str, length: int, defect: Defect, stand_in: int) -> None:
    spec = replace(SPEC, iin=iin, pan_length=length)
    with pytest.raises(ValueError, match=r"cannot|must|under 99"):
        require_possible(spec, defect=defect, stand_in=stand_in)
    with pytest.raises(ValueError, match=r"cannot|must|under 99"):
        slots_of_spoiled(spec, pans=[], defect=defect, stand_in=stand_in)
    with pytest.raises(ValueError, match=r"cannot|must|under 99"):
        spoil(spec, cards=CARDS, defect=defect, month=MONTH, stand_in=stand_in)
