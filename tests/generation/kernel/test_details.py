from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from generation.kernel import details
from generation.kernel.derived import field_block
from generation.kernel.details import PLAIN, Details
from generation.kernel.mint import Cards, mint, span
from generation.kernel.spec import Profile
from generation.kernel.streets import STREETS
from tests.generation.kernel import reference_fields
from tests.generation.kernel.cards import MASTER_KEY, PROFILE, spec_of

SPEC = spec_of("400000", 16)
SLOTS = span(123_456_000, 20_000)
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
    assert one(details.pins, 77, Details(pin_length=length)) == f"{pin:0{length}d}"


@pytest.mark.parametrize("length", [7, 11, 12])
def test_long_pin_takes_a_second_word_for_its_last_digits(length: int) -> None:
    start, end, *_ = words(77, 2)
    more = length - 6
    expected = f"{start * 10**6 >> 32:06d}{end * 10**more >> 32:0{more}d}"
    assert one(details.pins, 77, Details(pin_length=length)) == expected


@pytest.mark.parametrize("length", range(5, 13))
def test_longer_pin_begins_with_the_shorter(length: int) -> None:
    long = details.pins(SPEC, slots=SLOTS, details=Details(pin_length=length))
    short = details.pins(SPEC, slots=SLOTS, details=Details(pin_length=length - 1))
    assert np.array_equal(long.astype(short.dtype), short)
    assert set(np.strings.str_len(long)) == {length}


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
    fixed = Details(address="1 TEST WAY", postcode="SW1A 2AA", service_code="620")
    values = [set(field(SPEC, slots=span(0, 9), details=fixed).tolist()) for field in FIELDS[:3]]
    assert values == [{b"1 TEST WAY"}, {b"SW1A 2AA"}, {b"620"}]


@pytest.mark.parametrize(
    "fixed",
    [
        *({"address": text} for text in ("9", "Test_A", "12A (rear) St. John's Rd #4/5 & Co.")),
        {"address": "X" * 40},
        *({"postcode": text} for text in ("1", "12345-6789", "K1A 0B1", "wc2h 7lt", "0" * 10)),
        *({"service_code": text} for text in (*details.SERVICE_CODES, "520", "727", "907")),
        *({"pin_length": length} for length in range(4, 13)),
    ],
)
def test_possible_details_are_taken(fixed: dict[str, Any]) -> None:
    Details(**fixed)


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": ""},
        {"address": "X" * 41},
        {"address": "1 RUE D'ÉTÉ"},
        *({"address": text} for text in ("A\nB", "A\n", " A", "A ", "=1+1", "1, B ST", 'A"B')),
        *({"address": text} for text in ("１ HIGH ST", "A\0", "http://a", "a|b", "a;b")),
        *(
            {"postcode": text}
            for text in ("", "X" * 11, " 1", "1 ", "-1", "1_2", "１２３４５", "1\n")
        ),
        *({"service_code": text} for text in ("", "20", "2011", "20٨", "２０１", "201\n", "2 1")),
        *({"service_code": text} for text in ("001", "301", "401", "801", "211", "231", "208")),
        *({"service_code": text} for text in ("000", "999")),  # stand-ins of the CVV algorithm
        *({"pin_length": length} for length in (-1, 0, 3, 13)),
    ],
)
def test_impossible_details_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        Details(**wrong)


def test_streets_are_many_and_plain() -> None:
    assert len(set(STREETS)) == len(STREETS) >= 500
    assert all(street.replace(" ", "").isalpha() and street.isascii() for street in STREETS)
    assert max(map(len, STREETS)) + len("999 ") <= details.ADDRESS_LENGTH


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
