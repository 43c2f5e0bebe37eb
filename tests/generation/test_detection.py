"""Which scheme a number is of: every overlap is decided, and always the same way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.schemes import detection, registry
from generation.schemes.model import RangeRole

# (number or prefix, the scheme that gets it, a scheme that must not)
INSIDE_VISA = [
    ("4011780000000000", "elo", "visa"),
    ("4011770000000000", "visa", "elo"),
    ("4312740000000000", "elo", "visa"),
    ("4576320000000000", "elo", "visa"),
    ("4029180000000000", "naranja", "visa"),
    ("4571000000000001", "dankort", "visa"),
    ("4026000000000000", "visa_electron", "visa"),
    ("4175000000000000", "visa_electron", "dankort"),
    ("4175010000000000", "visa", "dankort"),
    ("4917300800000000", "visa_electron", "visa"),
    ("4917610000000000003", "visa", "visa_electron"),
    ("4903000000000000", "visa", "switch"),
    ("4911830000000", "visa", "switch"),
    ("4936000000000000", "visa", "switch"),
    ("4936980000000000", "maestro", "switch"),
    ("4013250000000000006", "visa", "vpay"),
    ("4201320111111010", "visa", "mada"),
    ("4464040000000007", "visa", "mada"),
    ("4871040000000000", "visa", "bancontact"),
    ("4150580996517927", "visa", "cartes_bancaires"),
    ("4434020000000006", "visa", "eftpos"),
]
INSIDE_MASTERCARD = [
    ("5400000000000000", "mastercard", "diners_us"),
    ("5555555555554444", "mastercard", "diners_us"),
    ("5275720000000000", "naranja", "mastercard"),
    ("5275730000000000", "mastercard", "naranja"),
    ("5127880000000000", "mastercard", "bancontact"),
    ("5131072454408923", "mastercard", "cartes_bancaires"),
    ("5163150000000005", "mastercard", "eftpos"),
    ("5100000000000000", "mastercard", "maestro"),
    ("5599999999999999", "mastercard", "maestro"),
]
INSIDE_MAESTRO = [
    ("5041750000000000", "elo", "maestro"),
    ("5066990000000000", "elo", "maestro"),
    ("5067780000000000", "elo", "maestro"),
    ("5067790000000000", "maestro", "elo"),
    ("5090000000000000", "elo", "maestro"),
    ("5060990000000000", "verve", "maestro"),
    ("5061980000000000", "verve", "carnet"),
    ("5061990000000000", "carnet", "verve"),
    ("5078650000000000", "verve", "maestro"),
    ("5019000000000000", "dankort", "maestro"),
    ("5019000000000000000", "maestro", "dankort"),
    ("5078030000000000", "meeza", "maestro"),
    ("5078100000000000", "meeza", "maestro"),
    ("5043000000000000", "mada", "maestro"),
    ("5069680000000000", "mada", "elo"),
    ("5081600000000000", "mada", "rupay"),
    ("5022750000000000", "carnet", "maestro"),
    ("5063360100000000", "carnet", "maestro"),
    ("5085000000000000", "rupay", "maestro"),
    ("5077300000000000", "eftpos", "maestro"),
    ("5075890000000000", "cartes_bancaires", "maestro"),
    ("5058640000000000", "sodexo", "maestro"),
    ("5604080000000000", "cartes_bancaires", "maestro"),
    ("5614000000000000", "uzcard", "maestro"),
    ("5610591081018250", "maestro", "bankcard"),
    ("5602210000000000", "maestro", "bankcard"),
    ("5641820000000000", "maestro", "switch"),
    ("5816960000000000", "eftpos", "maestro"),
    ("5817520000000000", "cartes_bancaires", "maestro"),
    ("5854020000000000", "cartes_bancaires", "maestro"),
    ("5852650000000000", "mada", "maestro"),
    ("5889820000000000", "mada", "maestro"),
    ("5887720000000000", "carnet", "mada"),
    ("5895620000000000", "naranja", "maestro"),
    ("5896570000000000", "cabal", "maestro"),
    ("5890040000000016", "maestro", "mada"),
    ("6703000000000000003", "bancontact", "maestro"),
    ("5912590000000000", "maestro", "mastercard"),
    ("6304000000000000", "maestro", "laser"),
    ("6706000000000000", "maestro", "laser"),
    ("6759000000000000", "maestro", "switch"),
    ("6767000000000000", "maestro", "solo"),
]
INSIDE_DISCOVER = [
    ("6500340000000000", "discover", "elo"),
    ("6500330000000000", "elo", "discover"),
    ("6500510000000000", "elo", "troy"),
    ("6500570000000000", "elo", "discover"),
    ("6500810000000000", "elo", "troy"),
    ("6517040000000000", "elo", "discover"),
    ("6517050000000000", "discover", "elo"),
    ("6508370400000000", "troy", "discover"),
    ("6508370500000000", "discover", "troy"),
    ("6587611000000000", "troy", "discover"),
    ("6588090000000000", "troy", "discover"),
    ("6500520000000000", "troy", "elo"),
    ("6500020000000000", "verve", "discover"),
    ("6500820000000000", "troy", "discover"),
    ("6500870000000000", "cabal", "troy"),
    ("6502720000000000", "cabal", "troy"),
    ("6502730000000000", "troy", "cabal"),
    ("6509230000000000", "troy", "elo"),
    ("6509220000000000", "elo", "troy"),
    ("6509000000000000", "cabal", "elo"),
    ("6521500000000000", "rupay", "discover"),
    ("6530490000000000", "rupay", "discover"),
    ("6530500000000000", "discover", "rupay"),
    ("6550000000000000", "elo", "discover"),
    ("6555900000604105", "bccard", "dinacard"),
    ("6556000000000000", "discover", "bccard"),
    ("6011000000000004", "discover", "rupay"),
]
ELSEWHERE = [
    ("3530000000000000", "jcb", "rupay"),
    ("3560000000000000", "jcb", "rupay"),
    ("3571110000000000", "lankapay", "jcb"),
    ("3571120000000000", "jcb", "lankapay"),
    ("3088000000000017", "jcb", "diners"),
    ("3095000000000000", "diners", "jcb"),
    ("3099000000000000", "jcb", "tunion"),
    ("3100000000000000000", "tunion", "jcb"),
    ("3112000000000000000", "tunion", "jcb"),
    ("3841000000000000", "hipercard", "diners"),
    ("3841001111222233334", "hipercard", "diners"),
    ("3841401111222233334", "hipercard", "diners"),
    ("3841601111222233334", "hipercard", "diners"),
    ("38410000000000", "diners", "hipercard"),
    ("38410000000000000", "diners", "hipercard"),
    ("3841010000000000", "diners", "hipercard"),
    ("6221260000000000", "unionpay", "discover"),
    ("6229250000000000", "unionpay", "discover"),
    ("6277800000000000", "elo", "unionpay"),
    ("6275350000000000", "carnet", "unionpay"),
    ("8171999900000000021", "unionpay", "rupay"),
    ("8172000000000000", "rupay", "unionpay"),
    ("6062820000000000", "hipercard", "rupay"),
    ("6063330000000000", "carnet", "rupay"),
    ("6086980000000000", "eftpos", "rupay"),
    ("6061000000000000", "rupay", "sodexo"),
    ("6060710000000000", "sodexo", "rupay"),
    ("6040010000000000", "ukrcard", "cabal"),
    ("6042010000000000", "cabal", "ukrcard"),
    ("6049060000000000", "mada", "cabal"),
    ("6054740000000000", "nps_pmr", "mada"),
    ("6051410000000000", "mada", "nps_pmr"),
    ("6007220000000000", "forbrugsforeningen", "sodexo"),
    ("6370950000000005", "hiper", "instapayment"),
    ("6374335800000000", "hiper", "instapayment"),
    ("6393880000000000", "carnet", "instapayment"),
    ("6390000000000000", "maestro", "instapayment"),
    ("6390990000000000", "maestro", "instapayment"),
    ("6391000000000000", "instapayment", "maestro"),
    ("6390028880000000010", "maestro", "instapayment"),
    ("6391300000000000", "maestro", "instapayment"),
    ("6392450000000000", "verve", "instapayment"),
    ("6361170000000000", "maestro", "interpayment"),
    ("6362980000000000", "elo", "interpayment"),
    ("6366250000000000", "verve", "interpayment"),
    ("6273390000000000", "maestro", "unionpay"),
    ("6273090000000000", "verve", "unionpay"),
    ("6061260000000000", "rupay", "maestro"),
    ("6362970000000000", "elo", "interpayment"),
    ("6361200000000000", "mada", "interpayment"),
    ("6363180000000000", "carnet", "interpayment"),
    ("6368870000000000", "eftpos", "interpayment"),
    ("6360000000000000", "interpayment", "elo"),
    ("6331101999990016", "switch", "maestro"),
    ("6334900000000005", "solo", "maestro"),
    ("2204000000000000", "mir", "borica"),
    ("2205000000000000", "borica", "mir"),
    ("2149000000000000", "diners_enroute", "diners"),
    ("2131000000000000", "jcb15", "jcb"),
    ("180000000000000", "jcb15", "uatp"),
    ("135412345678911", "uatp", "jcb15"),
    ("9792000000000000", "troy", "bccard"),
    ("9891000000000000", "dinacard", "bccard"),
    ("9860000000000000", "humo", "uzcard"),
    ("9704000000000000", "napas", "mada"),
    ("9682010000000000", "mada", "napas"),
    ("0000000000000000", "iso_test", "uatp"),
]


@pytest.mark.parametrize(
    ("number", "scheme", "other"),
    [*INSIDE_VISA, *INSIDE_MASTERCARD, *INSIDE_MAESTRO, *INSIDE_DISCOVER, *ELSEWHERE],
)
def test_an_overlap_is_decided_for_the_most_specific_living_scheme(number, scheme, other):
    assert detection.detect(number).code == scheme
    assert scheme != other


@pytest.mark.parametrize(
    ("first", "last"),
    [("222100", "272099"), ("510000", "559999"), ("352800", "358999"), ("817200", "820199")],
)
def test_a_range_holds_both_its_ends_and_not_their_neighbours(first, last):
    scheme = detection.detect(first)
    assert detection.detect(last) == scheme
    for outside in (int(first) - 1, int(last) + 1):
        assert detection.detect(str(outside).ljust(16, "0")) != scheme


@pytest.mark.parametrize(
    ("prefix", "scheme"),
    [
        ("4", "visa"),
        ("65", "discover"),
        ("650901", "elo"),
        ("51", "mastercard"),
        ("2223", "mastercard"),
    ],
)
def test_a_prefix_is_of_the_scheme_that_has_all_numbers_behind_it(prefix, scheme):
    assert detection.detect(prefix).code == scheme


@pytest.mark.parametrize(
    "number",
    ["6", "22", "94", "2220990000000000", "9400000000000000", "7783320000000000",
     "5912600000000000", "6003150000000000", "6020490000000000", "6800000000000000"],
)  # fmt: skip
def test_what_no_scheme_has_alone_is_of_no_scheme(number):
    assert detection.detect(number) is None


@pytest.mark.parametrize("text", ["", "4a", "٤٢٤٢", "4242 4242", "²", "-4"])
def test_what_is_not_ascii_digits_is_refused(text):
    with pytest.raises(ValueError, match="ASCII digits"):
        detection.detect(text)


def test_candidates_name_the_deciding_range_first_and_the_co_badges_last():
    found = [span.scheme for span in detection.candidates("4026000000000000")]
    assert found[:2] == ["visa_electron", "visa"]
    assert set(found[2:]) == {"vpay", "cartes_bancaires", "eftpos"}


PREFIXES = st.sampled_from(
    sorted({p for span in registry.ranges() for p in (span.first, span.last)})
)


@given(
    prefix=PREFIXES, rest=st.text("0123456789", min_size=11, max_size=18), length=st.integers(8, 19)
)
def test_the_table_says_the_same_as_reading_every_range(prefix, rest, length):
    number = (prefix + rest)[:length]
    deciding = [span for span in detection.candidates(number) if span.role is not RangeRole.SHARED]
    assert detection.range_of(number) == (deciding[0] if deciding else None)


@given(prefix=PREFIXES, length=st.integers(12, 19))
def test_a_living_scheme_never_loses_to_an_ended_one(prefix, length):
    roles = [span.role for span in detection.candidates(prefix.ljust(length, "0"))]
    assert RangeRole.OWN not in roles or roles[0] is RangeRole.OWN
