"""The scheme catalogue: complete, consistent with its sources, and readable."""

import re
from itertools import combinations

import pytest

from generation.errors import UnknownScheme
from generation.schemes import detection, evidence, naming, registry, text
from generation.schemes.model import Luhn, RangeRole
from generation.schemes.registry import rows

CODES = sorted(registry.catalogue())


def prefixes(cell: str) -> set[tuple[str, str]]:
    """The prefixes a cell of schemes.csv spells out, prose in brackets left aside."""
    found = re.findall(r"(?<![\w-])([0-9]+)(?:-([0-9]+))?(?![\w-])", re.sub(r"\([^)]*\)", "", cell))
    return {(first, last or first) for first, last in found}


@pytest.mark.parametrize("row", list(rows("schemes.csv")), ids=lambda row: row["code"])
def test_every_prefix_of_the_sourced_catalogue_is_in_the_machine_readable_one(row):
    listed = {(span.first, span.last) for span in registry.get(row["code"]).ranges}
    assert prefixes(row["iin_ranges"]) <= listed
    assert listed


@pytest.mark.parametrize("code", CODES)
def test_an_ended_scheme_owns_nothing(code):
    scheme = registry.get(code)
    ended = {span.role for span in scheme.ranges} == {RangeRole.ENDED}
    assert ended == (scheme.status == "ended")


def test_no_two_schemes_claim_the_same_prefixes_with_the_same_right():
    deciding = [span for span in registry.ranges() if span.role is not RangeRole.SHARED]
    for one, other in combinations(deciding, 2):
        same = (one.lowest, one.highest, one.role) == (other.lowest, other.highest, other.role)
        assert not same or one.scheme == other.scheme, (one, other)


def test_ranges_that_overlap_lie_inside_each_other_so_that_one_is_more_specific():
    deciding = [span for span in registry.ranges() if span.role is RangeRole.OWN]
    for one, other in combinations(deciding, 2):
        apart = one.highest < other.lowest or other.highest < one.lowest
        inside = one.lowest <= other.lowest and other.highest <= one.highest
        around = other.lowest <= one.lowest and one.highest <= other.highest
        assert apart or inside or around, (one, other)


def test_the_status_is_one_of_four_words():
    found = {scheme.status for scheme in registry.catalogue().values()}
    assert found == {"active", "historic", "ended", "reserved"}


def test_only_amex_prints_four_digits():
    four = [code for code in CODES if registry.get(code).printed_cvv_length == 4]
    assert four == ["amex"]
    assert registry.get("uzcard").printed_cvv_length == 0
    assert registry.get("uatp").printed_cvv_length is None


@pytest.mark.parametrize(
    ("code", "lengths"),
    [
        ("visa", (13, 16, 18, 19)),
        ("amex", (15,)),
        ("maestro", tuple(range(12, 20))),
        ("verve", (16, 18, 19)),
        ("hipercard", (16, 19)),
    ],
)
def test_pan_lengths_are_those_of_the_sources(code, lengths):
    assert registry.get(code).pan_lengths == lengths


@pytest.mark.parametrize(
    ("prefix", "rule"),
    [
        ("400000", Luhn.REQUIRED),
        ("500000", Luhn.REQUIRED),
        ("501079", Luhn.REQUIRED),
        ("501080", Luhn.NOT_REQUIRED),
        ("501082", Luhn.NOT_REQUIRED),
        ("501083", Luhn.REQUIRED),
        ("505863", Luhn.REQUIRED),
        ("505864", Luhn.NOT_REQUIRED),
        ("505865", Luhn.NOT_REQUIRED),
        ("505866", Luhn.REQUIRED),
        ("606071", Luhn.REQUIRED),
        ("384100", Luhn.NOT_REQUIRED),
        ("384160", Luhn.NOT_REQUIRED),
        ("606282", Luhn.REQUIRED),
        ("589562", Luhn.NOT_REQUIRED),
        ("402918", Luhn.REQUIRED),
        ("62", Luhn.USUAL),
        ("817199", Luhn.USUAL),
        ("8600", Luhn.NOT_REQUIRED),
        ("2014", Luhn.NOT_REQUIRED),
        ("000000", Luhn.NOT_REQUIRED),
    ],
)
def test_the_luhn_rule_is_that_of_the_narrowest_range(prefix, rule):
    assert detection.range_of(prefix).luhn is rule


@pytest.mark.parametrize("code", ["maestro", "sodexo", "hipercard", "naranja"])
def test_a_scheme_with_exceptions_to_luhn_says_so(code):
    assert registry.get(code).luhn is Luhn.BY_RANGE


@pytest.mark.parametrize(
    ("pan", "grouped"),
    [
        ("4242424242424242", "4242 4242 4242 4242"),
        ("4222222222222", "4222 2222 2222 2"),
        ("4013250000000000006", "4013 2500 0000 0000 006"),
        ("378282246310005", "3782 822463 10005"),
        ("36227206271667", "3622 720627 1667"),
        ("3056930009020004", "3056 9300 0902 0004"),
        ("180012345678901", "1800 123456 78901"),
        ("135410014004955", "1354 10014 004955"),
        ("6799990100009", "6799 9901 00009"),
        ("675675000000000", "6756 750000 00000"),
        ("67030010054610102", "6703 0010 0546 1010 2"),
        ("6205500000000000004", "6205 5000 0000 0000 004"),
        ("7783320000000000", "7783 3200 0000 0000"),
        ("42", "42"),
    ],
)
def test_numbers_are_written_in_their_schemes_groups(pan, grouped):
    assert text.group(pan) == grouped


@pytest.mark.parametrize(
    ("code", "length", "usual"),
    [
        ("unionpay", 16, ("4-4-4-4",)),
        ("unionpay", 17, ("4-4-4-4-1",)),
        ("unionpay", 19, ("4-4-4-4-3", "6-13")),
        ("maestro", 12, ("4-4-4",)),
        ("maestro", 13, ("4-4-5", "4-4-4-1")),
        ("maestro", 15, ("4-6-5", "4-4-4-3")),
        ("maestro", 19, ("4-4-4-4-3",)),
        ("amex", 15, ("4-6-5",)),
        ("uatp", 15, ("4-5-6",)),
        ("diners", 16, ("4-4-4-4", "4-6-6")),
        ("tunion", 19, ("4-4-4-4-3",)),
    ],
)
def test_usual_groupings_begin_with_the_embossed_one(code, length, usual):
    scheme = registry.get(code)
    assert scheme.groupings(length) == usual
    assert scheme.grouping(length) == usual[0]


@pytest.mark.parametrize("code", CODES)
def test_every_grouping_is_of_a_length_that_the_scheme_has(code):
    scheme = registry.get(code)
    assert set(scheme.sourced_groupings) <= set(scheme.pan_lengths)


def test_every_fact_names_sources_that_are_listed():
    listed = {row["code"] for row in rows("schemes_sources.csv")}
    for span in registry.ranges():
        assert set(span.source.split(";")) <= listed, span
    for row in rows("schemes.csv"):
        assert set(row["sources"].split(";")) <= listed, row["code"]


def test_a_masked_number_keeps_the_groups_of_the_number():
    pan = "378282246310005"
    assert text.group(pan, shown=text.mask(pan)) == "3782 82**** *0005"


@pytest.mark.parametrize(
    ("pan", "masked"),
    [
        ("4242424242424242", "42424242****4242"),
        ("6205500000000000004", "62055000*******0004"),
        ("378282246310005", "378282*****0005"),
        ("36227206271667", "362272****1667"),
        ("4222222222222", "422222****222"),
        ("500000000009", "500000****09"),
        ("4242", "****"),
        ("4", "*"),
    ],
)
def test_a_mask_shows_the_iin_and_the_last_four_and_hides_at_least_four(pan, masked):
    assert text.mask(pan) == masked


def test_what_lists_say_of_a_prefix_comes_with_its_source():
    entry = evidence.bin_list_entry("411111")
    assert (entry.status, entry.brand) == ("also_real_issuer", "VISA")
    assert "unofficial" in entry.source
    assert evidence.owned_prefix("40000056").owner == "INTL HDQTRS-CENTER OWNED"
    assert evidence.owned_prefix("411111") is None
    assert evidence.bin_list_entry("999999") is None


@pytest.mark.parametrize("text", ["visa", "VISA", " Visa "])
def test_a_scheme_is_found_in_any_case(text):
    assert naming.code_of(text) == "visa"


@pytest.mark.parametrize(("text", "meant"), [
    ("american express", "amex"), ("American-Express", "amex"), ("mastercrd", "mastercard"),
    ("vsa", "visa"), ("Cartes Bancaires", "cartes_bancaires"), ("china union pay", "unionpay"),
    ("", None), ("x" * 10_000, None), ("4242424242424242", None),
])  # fmt: skip
def test_what_comes_near_is_suggested(text, meant):
    with pytest.raises(UnknownScheme) as refused:
        naming.code_of(text)
    assert refused.value.facts.get("did_you_mean") == meant
