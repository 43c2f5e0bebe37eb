"""Every field of a card, against a second opinion that has none of its code."""

from dataclasses import replace

import numpy as np
import pytest

from generation.batch import Batch
from generation.fields import FIELDS
from generation.kernel.derived import cardholder_names
from generation.kernel.details import PLAIN, Details
from generation.kernel.issuer_keys import IssuerKeys
from generation.kernel.mint import span
from generation.kernel.spec import Profile
from generation.models import IssuerRange, Tier
from generation.ranges import range_keys, spec
from generation.recipes import Recipe, make
from tests.generation.kernel import reference_fields as reference
from tests.generation.kernel.cards import MASTER_KEY

PROFILE = Profile(first_month=2031 * 12 + 9, months=9)
FIXED = Details(address="1 TEST WAY", postcode="SW1A 2AA", service_code="627", pin_length=12)
# Scheme, IIN, PAN length, the PAN grouped and masked, with the digits numbered in base 36.
RANGES = [
    ("maestro", "50010000", 12, "0123 4567 89ab", "012345**89ab"),
    ("visa", "400000", 13, "0123 4567 89ab c", "012345***9abc"),
    ("diners", "360000", 14, "0123 456789 abcd", "012345****abcd"),
    ("amex", "34000000", 15, "0123 456789 abcde", "012345*****bcde"),
    ("visa", "476173", 16, "0123 4567 89ab cdef", "012345******cdef"),
    ("visa", "47617300", 16, "0123 4567 89ab cdef", "01234567****cdef"),
    ("unionpay", "622126", 19, "0123 4567 89ab cdef ghi", "012345*********fghi"),
]


@pytest.fixture(autouse=True)
def _published_key(settings) -> None:
    """Work under the published test key, whatever key this machine has."""
    settings.CARDGEN_MASTER_KEY = MASTER_KEY


def batch_of(
    scheme: str, iin: str, pan_length: int, *, details: Details, first: int = 7, count: int = 40
) -> Batch:
    """Some cards of a range that no database knows."""
    keys = range_keys(iin=iin, pan_length=pan_length)
    issuer_range = IssuerRange(
        scheme=scheme,
        iin=iin,
        pan_length=pan_length,
        tier=Tier.SCHEME_TEST,
        key_check_value=keys.check_value,
    )
    recipe = Recipe(profile=PROFILE, month=2026 * 12, details=details)
    cards = make(issuer_range=issuer_range, slots=span(first, count), recipe=recipe)
    return Batch(issuer_range=issuer_range, cards=cards, recipe=recipe)


def texts(batch: Batch, name: str) -> list[str]:
    column = FIELDS[name].column(batch)
    values = [column] * len(batch.cards) if isinstance(column, bytes) else column.tolist()
    return [value.decode() for value in values]


def shown(batch: Batch) -> list[dict[str, str]]:
    rows = zip(*(texts(batch, name) for name in FIELDS), strict=True)
    return [dict(zip(FIELDS, row, strict=True)) for row in rows]


def laid_out(pattern: str, pan: str) -> str:
    """Put the PAN's digits where the pattern has their numbers."""
    return "".join(pan[int(mark, 36)] if mark.isalnum() else mark for mark in pattern)


def from_slot(batch: Batch, slot: int) -> dict[str, str]:
    """What the slot alone decides, unless it is fixed."""
    place = (MASTER_KEY, batch.issuer_range.iin, batch.issuer_range.pan_length, slot)
    start, end, *_ = reference.words(*place, 2)
    pin = f"{start * 10**6 >> 32:06d}{end * 10**6 >> 32:06d}"
    details, plain = (
        batch.recipe.details,
        replace(batch, recipe=replace(batch.recipe, details=PLAIN)),
    )
    row = batch.cards.slots.tolist().index(slot)
    given = {name: getattr(details, name) for name in ("address", "postcode", "service_code")}
    return {"pin": pin[: details.pin_length]} | {
        name: value or texts(plain, name)[row] for name, value in given.items()
    }


def dates(month: int) -> dict[str, str]:
    year, index = divmod(month, 12)
    return {
        "expiry_month": str(index + 1),
        "expiry_year": str(year),
        "expiry": f"{index + 1:02d}/{year % 100:02d}",
        "expiry_yymm": f"{year % 100:02d}{index + 1:02d}",
    }


def issuer_values(keys: IssuerKeys, card: dict[str, str], *, public_cvv: bool) -> dict[str, str]:
    """What an issuer simulator would work out from the keys."""
    pan, expiry = card["pan"], card["expiry_yymm"]
    services = {"issuer_cvv": card["service_code"], "issuer_cvv2": "000", "issuer_icvv": "999"}
    made = {name: reference.cvv(keys.cvk, pan, expiry, code) for name, code in services.items()}
    made["issuer_cvv2_mmyy"] = reference.cvv(keys.cvk, pan, expiry[2:] + expiry[:2], "000")
    field = int(f"0{len(card['pin']):X}{card['pin']}".ljust(16, "F"), 16)
    clear = f"{field ^ int(pan[-13:-1], 16):016X}"
    return {
        **(made if public_cvv else dict.fromkeys(made, "")),
        "pvv": reference.pvv(keys.pvk, pan, card["pin"]),
        "pin_block_clear": clear,
        "pin_block": reference.des(keys.zpk, bytes.fromhex(clear)).hex().upper(),
    }


def stripes(card: dict[str, str]) -> dict[str, str]:
    pan, expiry, service = card["pan"], card["expiry_yymm"], card["service_code"]
    stripe, chip = card["issuer_cvv"] or "000", card["issuer_icvv"] or "000"
    data = f"1{card['pvv']}"
    name = card["cardholder_name"]
    one = reference.track1(pan, name, expiry, service, f"{data}00{stripe}000000")
    two = reference.track2(pan, expiry, service, data + stripe)
    return {
        "track1": one,
        "track1_data": one.removeprefix("%")[:-2],
        "track2": two,
        "track2_data": two.removeprefix(";")[:-2],
        "track2_equivalent": reference.tag57(pan, expiry, service, data + chip),
    }


@pytest.mark.parametrize("details", [PLAIN, FIXED], ids=["plain", "fixed"])
@pytest.mark.parametrize(("scheme", "iin", "length", "grouped", "masked"), RANGES)
def test_every_field_agrees_with_a_second_opinion(scheme, iin, length, grouped, masked, details):
    batch = batch_of(scheme, iin, length, details=details)
    slots, months = batch.cards.slots.tolist(), batch.cards.expiry_months.tolist()
    names = cardholder_names(spec(batch.issuer_range), slots=batch.cards.slots, profile=PROFILE)
    for row, card in enumerate(shown(batch)):
        pan = batch.cards.pans[row].decode()
        expected = {"pan": pan, "pan_grouped": laid_out(grouped, pan), "last_four": pan[-4:]}
        expected |= {"pan_masked": laid_out(masked, pan), "scheme": scheme, "iin": iin}
        expected |= {"tier": "scheme_test", "psn": "00", "cvv": batch.cards.cvvs[row].decode()}
        expected |= {"cardholder_name": names[row].decode()}
        expected |= dates(months[row]) | from_slot(batch, slots[row])
        expected |= issuer_values(batch.issuer_keys, expected, public_cvv=scheme != "amex")
        assert card == expected | stripes(expected)


def test_a_service_code_changes_what_is_made_from_it_and_nothing_else():
    plain = batch_of("visa", "476173", 16, details=PLAIN, count=300)
    fixed = replace(plain, recipe=replace(plain.recipe, details=Details(service_code="620")))
    changed = {name for name in FIELDS if texts(plain, name) != texts(fixed, name)}
    tracks = {"track1", "track1_data", "track2", "track2_data", "track2_equivalent"}
    assert changed == {"service_code", "issuer_cvv", *tracks}


@pytest.mark.parametrize("length", [5, 6, 7, 12])
def test_a_longer_pin_changes_only_the_pin_and_its_blocks(length):
    plain = batch_of("visa", "476173", 16, details=PLAIN)
    fixed = replace(plain, recipe=replace(plain.recipe, details=Details(pin_length=length)))
    changed = {name for name in FIELDS if texts(plain, name) != texts(fixed, name)}
    assert changed == {"pin", "pin_block", "pin_block_clear"}


def test_cards_do_not_depend_on_what_they_are_made_with():
    together = shown(batch_of("visa", "476173", 16, details=FIXED, first=0, count=50))
    alone = [
        shown(batch_of("visa", "476173", 16, details=FIXED, first=slot, count=1))[0]
        for slot in range(50)
    ]
    assert together == alone


def test_the_examples_are_one_card_under_the_published_key():
    batch = batch_of("visa", "476173", 16, details=PLAIN, first=123_456_789, count=1)
    recipe = replace(batch.recipe, profile=Profile(first_month=2028 * 12 + 7, months=1))
    cards = make(issuer_range=batch.issuer_range, slots=np.array([123_456_789]), recipe=recipe)
    card = shown(replace(batch, cards=cards, recipe=recipe))[0]
    assert card == {name: field.example for name, field in FIELDS.items()}
