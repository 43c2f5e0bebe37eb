import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.kernel.luhn import is_valid
from generation.kernel.mint import mint, slots_of, span
from generation.kernel.permutation import window_map
from generation.kernel.spec import RangeSpec
from tests.generation.kernel import reference
from tests.generation.kernel.cards import MASTER_KEY, NAMES, PROFILE, SPECS, spec_of

EVERY_RANGE = pytest.mark.parametrize("spec", SPECS, ids=NAMES)
SLOTS = st.tuples(st.sampled_from(SPECS), st.lists(st.integers(0), max_size=8)).map(
    lambda pair: (pair[0], np.array([n % pair[0].capacity for n in pair[1]], dtype=np.int64))
)


def pans_of(spec: RangeSpec, slots: np.ndarray) -> np.ndarray:
    return mint(spec, slots=slots, profile=PROFILE).pans


def both_ends(spec: RangeSpec) -> np.ndarray:
    return np.concatenate((span(0, 500), span(spec.capacity - 500, 500)))


def test_ranges_cover_every_number_of_free_digits() -> None:
    assert [spec.free_digits for spec in SPECS] == [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]


@EVERY_RANGE
def test_slots_come_back_from_both_ends(spec: RangeSpec) -> None:
    slots = both_ends(spec)
    assert np.array_equal(slots_of(spec, pans=pans_of(spec, slots)), slots)


@settings(deadline=None)
@given(case=SLOTS)
def test_slots_come_back_from_anywhere(case: tuple[RangeSpec, np.ndarray]) -> None:
    spec, slots = case
    pans = pans_of(spec, slots)
    assert slots_of(spec, pans=pans).tolist() == slots.tolist()
    assert slots_of(spec, pans=[pan.decode() for pan in pans]).tolist() == slots.tolist()


@settings(deadline=None, max_examples=50)
@given(case=SLOTS)
def test_scattered_slots_give_the_cards_they_give_alone(
    case: tuple[RangeSpec, np.ndarray],
) -> None:
    spec, slots = case
    alone = [pans_of(spec, slots[row : row + 1])[0] for row in range(slots.size)]
    assert pans_of(spec, slots).tolist() == alone


@settings(deadline=None, max_examples=40)
@given(spec=st.sampled_from(SPECS[:7]), number=st.integers(0))
def test_pan_agrees_with_the_reference(spec: RangeSpec, number: int) -> None:
    slot = number % spec.capacity
    expected = reference.pan(MASTER_KEY, spec.iin, spec.pan_length, slot)
    assert pans_of(spec, span(slot, 1)).tolist() == [expected.encode()]


@EVERY_RANGE
def test_every_pan_has_iin_length_and_check_digit(spec: RangeSpec) -> None:
    for pan in pans_of(spec, both_ends(spec)):
        text = pan.decode()
        assert text.startswith(spec.iin)
        assert len(text) == spec.pan_length
        assert is_valid(text)


@pytest.mark.parametrize("spec", SPECS[:4], ids=NAMES[:4])
def test_whole_range_is_minted_once(spec: RangeSpec) -> None:
    slots = span(0, spec.capacity)
    pans = pans_of(spec, slots)
    assert np.unique(pans).size == spec.capacity
    assert np.array_equal(slots_of(spec, pans=pans), slots)


def test_one_window_fills_one_stretch_of_numbers() -> None:
    spec = spec_of("400000", 16)
    pans = pans_of(spec, span(7 * spec.window_slots, spec.window_slots))
    payloads = np.sort(pans.astype("S15").astype(np.int64))
    assert np.array_equal(payloads - payloads[0], np.arange(10**6))
    assert payloads[0] % 10**6 == 0


@pytest.mark.parametrize("windows", [10**power for power in range(7)])
@pytest.mark.parametrize("seed", range(5))
def test_window_map_hits_every_window_once(windows: int, seed: int) -> None:
    factor, shift = window_map(bytes([seed]) * 32, windows=windows)
    mapped = (np.arange(windows) * factor + shift) % windows
    assert np.unique(mapped).size == windows


def test_ranges_have_their_own_order() -> None:
    tails = {bytes(pans_of(spec_of(iin, 16), span(0, 1))[0])[6:] for iin in ("400000", "412345")}
    assert len(tails) == 2


@pytest.mark.parametrize("slot", [-1, 10**9])
def test_slot_outside_the_range_is_refused(slot: int) -> None:
    slots = np.array([5, slot], dtype=np.int64)
    with pytest.raises(ValueError, match="slots must be within"):
        mint(spec_of("400000", 16), slots=slots, profile=PROFILE)


def test_no_slots_give_no_cards() -> None:
    cards = mint(spec_of("400000", 16), slots=span(0, 0), profile=PROFILE).sorted_by_pan()
    assert len(cards) == 0
    assert cards.pans.dtype == "S16"
    assert slots_of(spec_of("400000", 16), pans=[]).size == 0
