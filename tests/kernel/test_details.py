from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from generation.kernel import details
from generation.kernel.details import Details
from generation.kernel.fields import field_block
from generation.kernel.mint import Cards, mint, span
from generation.kernel.spec import Profile
from generation.kernel.streets import STREETS

from . import reference_fields
from .cards import MASTER_KEY, PROFILE, spec_of

SPEC = spec_of("400000", 16)
SLOTS = span(123_456_000, 20_000)
PLAIN = Details()
CARDS = mint(SPEC, slots=SLOTS, profile=PROFILE)
FIELDS = [details.addresses, details.postcodes, details.service_codes, details.pins]
Field = Callable[..., np.ndarray]


def words(slot: int, block: int) -> list[int]:
    return reference_fields.words(MASTER_KEY, "400000", 16, slot, block)


def one(field: Field, slot: int, chosen: Details = PLAIN) -> str:
    value: bytes = field(SPEC, slots=span(slot, 1), details=chosen)[0]
    return value.decode()


@pytest.mark.parametrize("slot", [0, 77, 999_999_999])
def test_address_and_postcode_agree_with_the_reference(slot: int) -> None:
    house, street, postcode, _ = words(slot, 1)
    expected = f"{(house * 999 >> 32) + 1} {STREETS[street * len(STREETS) >> 32]}"
    assert one(details.addresses, slot) == expected
    assert one(details.postcodes, slot) == f"{postcode * 10**5 >> 32:05d}"


def test_service_codes_agree_with_the_reference() -> None:
    shares = [words(slot, 1)[3] * 100 >> 32 for slot in range(800)]
    table = [b"201"] * 55 + [b"221"] * 15 + [b"101"] * 15 + [b"601"] * 10 + [b"121"] * 5
    codes = details.service_codes(SPEC, slots=span(0, 800), details=PLAIN)
    assert set(shares) == set(range(100))
    assert codes.tolist() == [table[share] for share in shares]


@pytest.mark.parametrize("length", [4, 5, 6])
def test_pin_agrees_with_the_reference(length: int) -> None:
    pin = words(77, 2)[0] * 10**length >> 32
    assert one(details.pins, 77, Details(pin_digits=length)) == f"{pin:0{length}d}"


def test_longer_pin_begins_with_the_shorter() -> None:
    long = details.pins(SPEC, slots=SLOTS, details=Details(pin_digits=6))
    assert np.array_equal(long.astype("S4"), details.pins(SPEC, slots=SLOTS, details=PLAIN))


@pytest.mark.parametrize("field", FIELDS)
def test_field_from_a_ready_block_is_the_same(field: Field) -> None:
    number = details.PIN_BLOCK if field is details.pins else details.DETAILS_BLOCK
    block = field_block(SPEC, slots=SLOTS, number=number)
    ready = field(SPEC, slots=SLOTS, details=PLAIN, block=block)
    assert np.array_equal(ready, field(SPEC, slots=SLOTS, details=PLAIN))


@pytest.mark.parametrize(
    ("field", "least"), list(zip(FIELDS, [18_000, 16_000, 5, 8_000], strict=True))
)
def test_field_takes_many_values(field: Field, least: int) -> None:
    assert np.unique(field(SPEC, slots=SLOTS, details=PLAIN)).size >= least


def test_service_codes_spread_as_documented() -> None:
    codes = details.service_codes(SPEC, slots=SLOTS, details=PLAIN)
    for code, percent in details.SERVICE_CODES.items():
        # Five standard deviations of a share of 20,000 are at most 1.8 percent.
        assert abs(np.count_nonzero(codes == code.encode()) / 200 - percent) < 1.8


def test_service_codes_add_up() -> None:
    assert sum(details.SERVICE_CODES.values()) == 100


def test_details_override_every_row() -> None:
    fixed = Details(address="1 TEST WAY", postcode="00000", service_code="999", pin="0000")
    values = [set(field(SPEC, slots=span(0, 9), details=fixed).tolist()) for field in FIELDS]
    assert values == [{b"1 TEST WAY"}, {b"00000"}, {b"999"}, {b"0000"}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": ""},
        {"address": "X" * 41},
        {"address": "1 RUE D'ÉTÉ"},
        {"address": "A\nB"},
        {"postcode": "1234"},
        {"postcode": "1234x"},
        {"service_code": "20"},
        {"service_code": "20٨"},
        {"pin": "12345"},
        {"pin": "123x"},
        {"pin_digits": 3},
        {"pin_digits": 7},
        {"pin": "1234", "pin_digits": 5},
    ],
)
def test_impossible_details_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        Details(**wrong)


def test_streets_are_many_and_plain() -> None:
    assert len(set(STREETS)) == len(STREETS) >= 500
    assert all(street.replace(" ", "").isalpha() and street.isascii() for street in STREETS)
    assert max(map(len, STREETS)) + len("999 ") <= details.ADDRESS_LENGTH


def test_first_issue_has_sequence_number_00() -> None:
    assert details.sequence_numbers(0, count=2).tolist() == [b"00", b"00"]
    assert details.sequence_numbers(12, count=1).tolist() == [b"12"]


@pytest.mark.parametrize("sequence", [-1, 100])
def test_sequence_number_of_three_digits_is_refused(sequence: int) -> None:
    with pytest.raises(ValueError, match="0 to 99"):
        details.sequence_numbers(sequence, count=1)


def renewed(sequence: int, months: int = 36, profile: Profile = PROFILE) -> Cards:
    return details.renew(SPEC, cards=CARDS, profile=profile, sequence=sequence, months=months)


def test_renewed_card_keeps_its_pan_and_expires_later() -> None:
    assert np.array_equal(renewed(2).pans, CARDS.pans)
    assert np.array_equal(renewed(2).expiry_months, CARDS.expiry_months + 72)


def test_renewed_card_has_another_cvv() -> None:
    # One in a thousand may be the same by chance: 20 of 20,000.
    assert np.count_nonzero(renewed(1).cvvs == CARDS.cvvs) < 60
    assert np.count_nonzero(renewed(2).cvvs == renewed(1).cvvs) < 60


def test_renewed_cvv_agrees_with_the_reference() -> None:
    cvv = words(int(SLOTS[0]), 3 << 8)[1] * 1000 >> 32
    assert renewed(3).cvvs[0] == f"{cvv:03d}".encode()


def test_renewed_card_keeps_a_fixed_cvv() -> None:
    assert set(renewed(1, profile=Profile(first_month=0, months=1, cvv="007")).cvvs) == {b"007"}


def test_renewed_card_keeps_a_public_cvv() -> None:
    spec = replace(SPEC, cvv_from_pan=True)
    cards = mint(spec, slots=SLOTS, profile=PROFILE)
    again = details.renew(spec, cards=cards, profile=PROFILE, sequence=1, months=36)
    assert np.array_equal(again.cvvs, cards.cvvs)
    assert np.array_equal(again.expiry_months, cards.expiry_months + 36)


def test_last_renewal_is_in_december_9999() -> None:
    left = 9999 * 12 + 11 - int(CARDS.expiry_months.max())
    assert renewed(1, left).expiry_months.max() == 9999 * 12 + 11
    with pytest.raises(ValueError, match="years 0 to 9999"):
        renewed(1, left + 1)


@pytest.mark.parametrize(("sequence", "months"), [(0, 36), (100, 36), (1, 120_000), (99, -300)])
def test_impossible_renewal_is_refused(sequence: int, months: int) -> None:
    with pytest.raises(ValueError, match="must"):
        renewed(sequence, months)
