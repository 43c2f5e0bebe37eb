"""Cards already minted must stay as they are: a changed row would repeat or lose numbers."""

import csv
import hashlib
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from generation.kernel.derived import cardholder_names
from generation.kernel.mint import mint
from tests.generation.kernel import reference
from tests.generation.kernel.cards import MASTER_KEY, PROFILE, RANGES, spec_of

GOLDEN = Path(__file__).parent / "golden.csv"
Row = dict[str, str]


def rows() -> list[Row]:
    with GOLDEN.open(encoding="ascii", newline="") as file:
        return list(csv.DictReader(file))


def by_range() -> list[list[Row]]:
    return [list(group) for _, group in groupby(rows(), lambda row: (row["iin"], row["length"]))]


def render(iin: str, length: int, cvv_length: int, slots: list[int]) -> list[Row]:
    """Mint rows as the file has them; it was written by this, once."""
    spec = spec_of(iin, length, cvv_length)
    cards = mint(spec, slots=np.array(slots, dtype=np.int64), profile=PROFILE)
    names = cardholder_names(spec, slots=cards.slots, profile=PROFILE)
    texts = zip(slots, cards.pans, cards.expiry_months, cards.cvvs, names, strict=True)
    return [
        {
            "iin": iin,
            "length": str(length),
            "slot": str(slot),
            "pan": pan.decode(),
            "expiry": f"{month // 12}-{month % 12 + 1:02d}",
            "cvv": cvv.decode(),
            "name": name.decode(),
        }
        for slot, pan, month, cvv, name in texts
    ]


def test_golden_file_is_the_committed_one() -> None:
    digest = hashlib.sha256("\n".join(map(str, rows())).encode()).hexdigest()
    assert len(rows()) == len(RANGES) * 32
    assert digest == "8f3e3962b27070265b99a6031e593b4e158de75addfca965bb382a390238a859"


@pytest.mark.parametrize("group", by_range(), ids=lambda group: group[0]["iin"])
def test_cards_never_change(group: list[Row]) -> None:
    first = group[0]
    slots = [int(row["slot"]) for row in group]
    assert render(first["iin"], int(first["length"]), len(first["cvv"]), slots) == group


@pytest.mark.parametrize("group", by_range(), ids=lambda group: group[0]["iin"])
def test_reference_gives_the_same_pans(group: list[Row]) -> None:
    for row in group[::4]:
        pan = reference.pan(MASTER_KEY, row["iin"], int(row["length"]), int(row["slot"]))
        assert pan == row["pan"]
