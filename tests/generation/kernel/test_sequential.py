import numpy as np
import pytest

from generation.kernel.mint import mint, slots_of, span
from generation.kernel.spec import RangeSpec
from tests.generation.kernel.cards import NAMES, PROFILE, SPECS, spec_of

SPEC = spec_of("400000", 16)
WINDOW = SPEC.window_slots


def in_sequence(spec: RangeSpec, first: int, count: int) -> np.ndarray:
    return mint(spec, slots=span(first, count), profile=PROFILE, sequential=True).pans


def permuted(first: int, count: int) -> np.ndarray:
    return mint(SPEC, slots=span(first, count), profile=PROFILE).pans


def test_payloads_count_up_with_the_slots() -> None:
    payloads = in_sequence(SPEC, 5 * WINDOW, WINDOW).astype("S15").astype(np.int64)
    assert payloads[0] % WINDOW == 0
    assert np.array_equal(payloads - payloads[0], np.arange(WINDOW))


def test_window_has_the_same_pans_in_either_order() -> None:
    assert np.array_equal(
        np.sort(in_sequence(SPEC, 5 * WINDOW, WINDOW)), np.sort(permuted(5 * WINDOW, WINDOW))
    )


def test_fields_are_those_of_the_slot_in_either_order() -> None:
    one, other = (
        mint(SPEC, slots=span(7, 100), profile=PROFILE, sequential=way) for way in (True, False)
    )
    assert np.array_equal(one.cvvs, other.cvvs)
    assert np.array_equal(one.expiry_months, other.expiry_months)


@pytest.mark.parametrize("spec", SPECS, ids=NAMES)
def test_slots_come_back_from_sequential_windows(spec: RangeSpec) -> None:
    last = spec.windows - 1
    slots = np.concatenate((span(0, 400), span(spec.capacity - 400, 400)))
    pans = mint(spec, slots=slots, profile=PROFILE, sequential=True).pans
    assert np.array_equal(slots_of(spec, pans=pans, sequential_windows={0, last}), slots)


def test_slots_come_back_from_windows_of_both_orders() -> None:
    pans = np.concatenate((in_sequence(SPEC, 3 * WINDOW, 50), permuted(4 * WINDOW, 50)))
    slots = np.concatenate((span(3 * WINDOW, 50), span(4 * WINDOW, 50)))
    assert np.array_equal(slots_of(SPEC, pans=pans, sequential_windows=[3]), slots)


def test_other_windows_stay_permuted() -> None:
    pans = permuted(4 * WINDOW, 50)
    assert np.array_equal(slots_of(SPEC, pans=pans, sequential_windows=[3]), span(4 * WINDOW, 50))
