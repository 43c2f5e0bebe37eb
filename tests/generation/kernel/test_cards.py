import numpy as np
import pytest

from generation.kernel.derived import cardholder_names, cvvs, expiry_months, field_block
from generation.kernel.mint import mint, slots_of, span
from generation.kernel.names import FIRST_NAMES, LAST_NAMES
from generation.kernel.spec import Profile
from tests.generation.kernel import reference
from tests.generation.kernel.cards import MASTER_KEY, PROFILE, spec_of

SPEC = spec_of("400000", 16)
AMEX = spec_of("341111", 15, 4)
SLOTS = span(123_456_000, 20_000)
CARDS = mint(SPEC, slots=SLOTS, profile=PROFILE)


def test_columns_have_the_promised_types() -> None:
    types = [str(column.dtype) for column in (CARDS.slots, CARDS.pans, CARDS.expiry_months)]
    assert [*types, str(CARDS.cvvs.dtype)] == ["int64", "|S16", "int32", "|S3"]
    assert len(CARDS) == 20_000


def test_cards_sort_by_pan_with_their_fields() -> None:
    ordered = CARDS.sorted_by_pan()
    assert ordered.pans.tolist() == sorted(CARDS.pans.tolist())
    again = mint(SPEC, slots=ordered.slots, profile=PROFILE)
    assert np.array_equal(again.pans, ordered.pans)
    assert np.array_equal(again.cvvs, ordered.cvvs)
    assert np.array_equal(again.expiry_months, ordered.expiry_months)


def test_cards_are_taken_by_mask_and_by_number() -> None:
    mask = CARDS.cvvs == b"123"
    assert set(CARDS.take(mask).cvvs.tolist()) == {b"123"}
    assert CARDS.take(np.array([3, 1])).slots.tolist() == [SLOTS[3], SLOTS[1]]


def test_field_block_agrees_with_the_reference() -> None:
    slots = np.array([0, 1, 999_999_999], dtype=np.int64)
    expected = [reference.words(MASTER_KEY, "400000", 16, int(slot)) for slot in slots]
    assert field_block(SPEC, slots=slots).tolist() == expected


def test_fields_agree_with_the_reference() -> None:
    words = reference.words(MASTER_KEY, "341111", 15, 77)
    expiry, cvv, first, last = (
        word * count >> 32
        for word, count in zip(words, (48, 10**4, len(FIRST_NAMES), len(LAST_NAMES)), strict=True)
    )
    card = mint(AMEX, slots=span(77, 1), profile=PROFILE)
    names = cardholder_names(AMEX, slots=span(77, 1), profile=PROFILE)
    assert card.expiry_months[0] == 2027 * 12 + expiry
    assert card.cvvs[0] == f"{cvv:04d}".encode()
    assert names[0] == f"{FIRST_NAMES[first]} {LAST_NAMES[last]}".encode()


def test_fields_alone_are_the_minted_ones() -> None:
    assert np.array_equal(cvvs(SPEC, slots=SLOTS, profile=PROFILE), CARDS.cvvs)
    months = expiry_months(SPEC, slots=SLOTS, profile=PROFILE)
    assert np.array_equal(months, CARDS.expiry_months)


def test_expiry_months_spread_evenly_over_the_whole_span() -> None:
    counts = np.bincount(CARDS.expiry_months - PROFILE.first_month, minlength=48)
    assert counts.size == 48
    # 417 expected a month, standard deviation 20: five of them.
    assert np.abs(counts - 20_000 / 48).max() < 100


def test_cvvs_spread_over_all_values() -> None:
    counts = np.bincount(CARDS.cvvs.astype(np.int64), minlength=1000)
    assert counts.size == 1000
    assert counts.min() > 0
    assert counts.max() < 60


def test_profile_overrides_every_row() -> None:
    profile = Profile(first_month=24_000, months=1, cvv="007", cardholder_name="REFUSED")
    cards = mint(SPEC, slots=span(0, 9), profile=profile)
    names = cardholder_names(SPEC, slots=span(0, 9), profile=profile)
    assert cards.cvvs.tolist() == [b"007"] * 9
    assert cards.expiry_months.tolist() == [24_000] * 9
    assert names.tolist() == [b"REFUSED"] * 9


def test_profile_leaves_the_pan_alone() -> None:
    profile = Profile(first_month=24_000, months=1, cvv="007")
    assert np.array_equal(mint(SPEC, slots=SLOTS, profile=profile).pans, CARDS.pans)


def test_cvv_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="4 digits"):
        mint(AMEX, slots=span(0, 1), profile=Profile(first_month=0, months=1, cvv="123"))


@pytest.mark.parametrize("names", [FIRST_NAMES, LAST_NAMES])
def test_names_are_many_and_plain(names: tuple[str, ...]) -> None:
    assert len(set(names)) == len(names) >= 100
    assert all(name.isascii() and name.isalpha() and name.isupper() for name in names)


def test_longest_name_fits_track_one() -> None:
    assert max(map(len, FIRST_NAMES)) + 1 + max(map(len, LAST_NAMES)) <= 26


def test_foreign_pans_have_no_slot() -> None:
    ours = CARDS.pans[0].decode()
    wrong_check = ours[:-1] + str((int(ours[-1]) + 1) % 10)
    foreign = ["", ours[:-1], ours + "0", wrong_check, "4111111111111111", "40000012345678x9"]
    foreign += [ours[:-1] + "٨", "é" * 16, " " + ours[1:], "-" * 16, ours[:15] + "\0"]
    assert slots_of(SPEC, pans=[*foreign, ours]).tolist() == [-1] * len(foreign) + [SLOTS[0]]


def test_foreign_bytes_have_no_slot() -> None:
    ours = CARDS.pans[0]
    mixed = np.array([ours, ours + b"7", ours[:-1], b""])
    assert slots_of(SPEC, pans=mixed).tolist() == [SLOTS[0], -1, -1, -1]
    assert slots_of(SPEC, pans=mixed[2:].astype("S15")).tolist() == [-1, -1]
    assert slots_of(SPEC, pans=CARDS.pans[::-2]).tolist() == SLOTS[::-2].tolist()


def test_one_wrong_character_anywhere_takes_the_slot_away() -> None:
    pan = np.frombuffer(CARDS.pans[0], dtype=np.uint8)
    rows = np.tile(pan, (16, 256, 1))
    places = np.arange(16)
    rows[places, :, places] = np.arange(256)
    found = slots_of(SPEC, pans=rows.reshape(-1, 16).view("S16").ravel()).reshape(16, 256)
    assert found[places, pan].tolist() == [SLOTS[0]] * 16
    assert np.count_nonzero(found != -1) == 16
