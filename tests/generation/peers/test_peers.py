"""We say what the peers say, or differences.csv and docs/cards-schemes.md say why not."""

from importlib.metadata import version
from itertools import accumulate, product
from pathlib import Path

import pytest
from pydantic_core import PydanticCustomError
from pydantic_extra_types.payment import PaymentCardNumber
from stdnum import luhn

from generation.kernel.luhn import is_valid
from generation.schemes import detection, registry
from generation.schemes.model import Luhn
from generation.schemes.registry import lengths
from tests.generation.peers import tables
from tests.generation.peers.tables import LENGTHS, NOTHING, PEERS, Pair, Place

LISTED = tables.rows("differences")
REASONS = list(dict.fromkeys(row["reason"] for row in LISTED))
DOCS = Path(__file__).parents[3] / "docs/cards-schemes.md"
PYDANTIC = "pydantic_extra_types"
CODES = {"American Express": "amex", "Diners Club": "diners", "other": NOTHING}


def listed(peer: str) -> dict[Pair, Place]:
    return {
        Pair(peer, row["theirs"], row["ours"]): Place(
            lengths(row["pan_lengths"]), row["first"], row["last"], int(row["prefixes"])
        )
        for row in LISTED
        if row["peer"] == peer
    }


def cell(peer: str, reason: str) -> str:
    """A cell of the page's table: `jcb → lankapay; visa → dankort, elo`."""
    ours: dict[str, list[str]] = {}
    for row in LISTED:
        if (row["peer"], row["reason"]) == (peer, reason):
            ours.setdefault(row["theirs"], []).append(row["ours"])
    told = "; ".join(f"{theirs} → {', '.join(found)}" for theirs, found in ours.items())
    return told or "no difference"


def pydantics(number: str) -> str:
    """What pydantic-extra-types itself says of a number, given its check digit."""
    try:
        brand = PaymentCardNumber(number[:-1] + luhn.calc_check_digit(number[:-1])).brand
    except PydanticCustomError:
        return NOTHING
    return CODES.get(str(brand), str(brand).lower())


@pytest.mark.parametrize("peer", PEERS)
def test_every_number_is_what_the_peer_says_or_listed(peer):
    assert tables.differences(peer) == listed(peer)


@pytest.mark.parametrize("reason", REASONS)
def test_every_difference_has_its_reason_in_the_docs(reason):
    row = f"| {reason} | {' | '.join(cell(peer, reason) for peer in PEERS)} |"
    assert reason
    assert row in DOCS.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("row", tables.rows("vectors"), ids=lambda row: row["number"])
def test_the_peers_own_vectors_hold(row):
    number, span = row["number"], detection.range_of(row["number"])
    assert span.scheme == row["scheme"]
    if row["valid"]:
        good = is_valid(number) or span.luhn is not Luhn.REQUIRED
        assert (good and len(number) in span.pan_lengths) == (row["valid"] == "yes")


@pytest.mark.parametrize("scheme", sorted({row["scheme"] for row in tables.rows(PEERS[0])}))
def test_where_the_peer_puts_a_space_a_usual_grouping_does(scheme):
    span = next(found for found in tables.table(PEERS[0]) if found.scheme == scheme)
    ours = registry.get(scheme)
    for length in set(span.pan_lengths) & set(ours.pan_lengths):
        cuts = [set(accumulate(map(int, one.split("-")))) for one in ours.groupings(length)]
        assert any({gap for gap in span.gaps if gap < length} <= one for one in cuts), length


def test_the_table_of_pydantic_is_what_the_installed_one_says():
    for prefix, length in product(tables.edges(PYDANTIC)[:-1], LENGTHS):
        said = pydantics(tables.number(prefix, length=length))
        assert tables.theirs(PYDANTIC, prefix=prefix, length=length) == said, (prefix, length)


def test_the_installed_version_is_the_one_named():
    named = {row["table"]: row["package"] for row in tables.rows("sources")}
    assert named[f"{PYDANTIC}.csv"].endswith(version("pydantic-extra-types"))
