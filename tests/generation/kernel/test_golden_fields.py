"""Fields already handed out must stay as they are, like the cards of golden.csv."""

import csv
import hashlib
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from generation.kernel import details, tracks
from generation.kernel.defects import Defect, spoil
from generation.kernel.derived import cardholder_names
from generation.kernel.details import Details
from generation.kernel.issuer_keys import derive_issuer_keys
from generation.kernel.mint import mint
from generation.kernel.pins import encrypted_pin_blocks, pvvs
from generation.kernel.verification import chip_cvvs, printed_cvvs, stripe_cvvs
from tests.generation.kernel.cards import MASTER_KEY, PROFILE, RANGES, spec_of

GOLDEN = Path(__file__).parent / "golden_fields.csv"
MONTH = 2026 * 12
DEFECTS = (Defect.LUHN, Defect.TOO_SHORT, Defect.NON_DIGIT)
Row = dict[str, str]


def rows() -> list[Row]:
    with GOLDEN.open(encoding="ascii", newline="") as file:
        return list(csv.DictReader(file))


def by_range() -> list[list[Row]]:
    return [list(group) for _, group in groupby(rows(), lambda row: (row["iin"], row["length"]))]


def render(iin: str, length: int, slots: list[int]) -> list[Row]:
    """Make rows as the file has them; it was written by this, once."""
    cvv_length = {row[:2]: row[2] for row in RANGES}[iin, length]
    spec = spec_of(iin, length, cvv_length)
    keys = derive_issuer_keys(MASTER_KEY, iin=iin, pan_length=length)
    cards = mint(spec, slots=np.array(slots, dtype=np.int64), profile=PROFILE)
    plain = {"slots": cards.slots, "details": Details()}
    codes, pins = details.service_codes(spec, **plain), details.pins(spec, **plain)
    stripe = {"pans": cards.pans, "expiry_months": cards.expiry_months}
    cvvs = stripe_cvvs(keys, **stripe, service_codes=codes)
    values = pvvs(keys, pans=cards.pans, pins=pins)
    data1 = tracks.discretionary1(pvvs=values, cvvs=cvvs)
    data2 = tracks.discretionary2(pvvs=values, cvvs=cvvs)
    names = cardholder_names(spec, slots=cards.slots, profile=PROFILE)
    renewed = details.renew(spec, cards=cards, profile=PROFILE, sequence=1, months=36)
    columns = {
        "address": details.addresses(spec, **plain),
        "postcode": details.postcodes(spec, **plain),
        "pin": pins,
        "renewed_cvv": renewed.cvvs,
        "printed_cvv": printed_cvvs(keys, **stripe),
        "chip_cvv": chip_cvvs(keys, **stripe),
        "pin_block": encrypted_pin_blocks(keys, pans=cards.pans, pins=pins),
        "track1": tracks.track1(**stripe, names=names, service_codes=codes, discretionary=data1),
        "track2": tracks.track2(**stripe, service_codes=codes, discretionary=data2),
    }
    for defect in DEFECTS:
        wrong = spoil(spec, cards=cards, defect=defect, month=MONTH, stand_in=1)
        columns[defect] = wrong.pans
    start = {"iin": iin, "length": str(length)}
    return [
        start
        | {"slot": str(slot)}
        | {name: values[row].decode() for name, values in columns.items()}
        for row, slot in enumerate(slots)
    ]


def test_golden_file_is_the_committed_one() -> None:
    digest = hashlib.sha256("\n".join(map(str, rows())).encode()).hexdigest()
    assert len(rows()) == len(RANGES) * 8
    assert digest == "6968029cfacc03aff25163e0b0b3384b20c82b3fa89f120beac0e201ae231907"


@pytest.mark.parametrize("group", by_range(), ids=lambda group: group[0]["iin"])
def test_fields_never_change(group: list[Row]) -> None:
    slots = [int(row["slot"]) for row in group]
    assert render(group[0]["iin"], int(group[0]["length"]), slots) == group
