"""What counts as a card number, and what does not."""

import bz2
import gzip
import lzma
import zlib

import pytest

from generation.kernel.luhn import is_valid
from jobs import work
from tests.support.fixtures import register
from tests.support.slots import pans
from tests.support.work import LONG
from tests.uniqueness.exclusions.files import OUTSIDE, bring_in, text_of
from tests.uniqueness.scanning.texts import UNKNOWN, UNKNOWN_AMEX, hits_in, numbers_in, told
from uniqueness.models import Card

GROUPED = "4929 1234 5678 1236"


@pytest.fixture
def issued(small_range, submit):
    """Three issued numbers of a registered range."""
    submit(range=small_range.name, count=3)
    work.work(duration=LONG)
    return sorted(Card.objects.values_list("pan", flat=True))


@pytest.mark.parametrize(
    "text",
    [
        UNKNOWN, GROUPED, GROUPED.replace(" ", "-"), f"pan={UNKNOWN};", f'{{"pan":"{UNKNOWN}"}}',
        f"{UNKNOWN} 123", f"2026-11-24 {UNKNOWN}", f"{UNKNOWN}.", f"{UNKNOWN}.00", f"x,{UNKNOWN},y",
        f"PAN{UNKNOWN}", f"card_{UNKNOWN}_x", f"+{UNKNOWN}", f"%B{UNKNOWN}^DOE/JOHN^2908",
        f";{UNKNOWN}=29082011234?", f"{UNKNOWN}D29082011234", f"{GROUPED} 0829", f"2026 {GROUPED}",
        f"é{UNKNOWN}é", GROUPED.replace(" ", "\u00a0"), GROUPED.replace(" ", "\u2011"),
    ],
)  # fmt: skip
def test_a_number_is_found_in_every_usual_writing(db, text):
    assert told(text) == [("unknown", UNKNOWN)]


@pytest.mark.parametrize(
    "text",
    [
        "4929123456781237",  # not its check digit
        f"1{UNKNOWN}", f"{UNKNOWN}7",  # part of a longer run
        "1732400000005", "1732400000000005", "20261124013519",  # times
        f"a1b2{UNKNOWN}", f"{UNKNOWN}ff00", f"0x{UNKNOWN}",  # hexadecimal texts
        "492912345678-1236", "49 29 12 34 56 78 12 36", "4929123 45678 1236",  # nobody writes so
        "4929\n1234 5678 1236", "4929  1234 5678 1236",
        "0.4929123456781236", "12.4929123456781236",  # fractions
        "+492912345674", "+4912 3456 7892",  # telephones
        "0000000000000000", "000000000018", "0000000000000018",
        "9929123456781235",  # no scheme
        "4000000000000003",  # not its check digit, in a registered range
        "492912345674",  # a length that the scheme has not
        "00000000-4929-1234-5678-123456789012", "aaaaaaaa-bbbb-cccc-dddd-567890123456",
    ],
)  # fmt: skip
def test_what_only_looks_like_one_is_not_told(catalogue, text):
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *((text, UNKNOWN_AMEX) for text in ("3714 496353 98456", "3714-496353-98456")),
        ("card 622202 1234567890128", "6222021234567890128"),  # UnionPay
        ("5018 0000 00007", "5018000000007"), ("6759 000000 00005", "675900000000005"),  # Maestro
    ],
)  # fmt: skip
def test_a_scheme_has_its_own_groups(db, text, number):
    assert numbers_in(text) == [number]


@pytest.mark.parametrize("number", ["3841001111222233334", "5895627823453005"])
def test_a_scheme_without_luhn_is_known_by_its_prefix(db, number):
    assert not is_valid(number)
    assert told(number) == [("unknown", number)]
    assert told(f"1{number[1:]}") == []


def test_each_state_is_told(catalogue, issued, small_range):
    excluded, wrong = "4929120000000006", "4929120000000007"
    bring_in(text_of(excluded, wrong))
    (unissued,) = pans(small_range, 900)
    text = f"{issued[0]} {unissued} {UNKNOWN} 4111111111111111 {excluded} {wrong}"
    assert told(text) == [
        ("issued", issued[0]),
        ("unissued", unissued),
        ("unknown", UNKNOWN),
        ("published", "4111111111111111"),
        ("excluded", excluded),
    ]


def test_published_numbers_with_a_wrong_check_digit_are_known(catalogue):
    assert not is_valid("4242424242424241")
    assert told("4242424242424241") == [("published", "4242424242424241")]


def test_an_issued_number_is_known_in_whatever_groups(issued):
    text = f"{issued[0][:4]} {issued[0][4:]} {issued[1][:6]}-{issued[1][6:]}"
    assert told(text) == [("issued", issued[0]), ("issued", issued[1])]


@pytest.mark.parametrize("defect", ["luhn", "too_short", "too_long", "unknown_scheme"])
def test_negative_cards_are_ours_too(submit, defect):
    wide = register(iin="40999902", pan_length=16)
    submit(range=wide.name, count=5, defect=defect)
    work.work(duration=LONG)
    numbers = list(Card.objects.values_list("pan", flat=True))
    assert told("\n".join(numbers)) == [("issued", number) for number in numbers]


def test_of_overlapping_stretches_the_certain_one_is_told(issued):
    groups = f"{issued[0][:4]} {issued[0][4:8]} {issued[0][8:]}"
    longer = next(
        text
        for number in range(10_000)
        if is_valid((text := f"4929 {number:04} {groups[:9]}").replace(" ", ""))
    )
    assert [state for state, _ in told(longer)] == ["unknown"]
    assert told(f"{longer}{groups[9:]}") == [("issued", issued[0])]
    assert told("4929 1234 5678 1236 1236") == [("unknown", UNKNOWN)]


def test_line_and_column_count_characters(db):
    text = f"first\r\nsecond\r\nñ€😀 {UNKNOWN} {UNKNOWN}\n{UNKNOWN}"
    places = [(hit.line, hit.column) for hit in hits_in(text)]
    assert places == [(3, 5), (3, 22), (4, 1)]


@pytest.mark.parametrize(
    "encoding",
    [
        *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"),
    ],
)
def test_unicode_texts_are_read(db, encoding):
    (hit,) = hits_in(f"line one\nétude {GROUPED} end\n".encode(encoding))
    assert (hit.number, hit.line, hit.column) == (UNKNOWN, 2, 7)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("written", [UNKNOWN, GROUPED])
def test_wide_characters_are_read_without_a_mark_in_other_alphabets_too(db, encoding, written):
    (hit,) = hits_in(f"Счёт номер\n{'слово ' * 40}\nкарта {written}.\n".encode(encoding))
    assert (hit.number, hit.line) == (UNKNOWN, 3)
    garbage = bytes(range(256)) * 300
    assert numbers_in(garbage + written.encode(encoding) + garbage) == [UNKNOWN]


def test_numbers_between_zero_bytes_stay_apart(db):
    assert numbers_in(f"{UNKNOWN}\0{UNKNOWN_AMEX}\0") == [UNKNOWN, UNKNOWN_AMEX]


@pytest.mark.parametrize(
    "around",
    [
        *("%22pan%22%3A%22{}%22", "%22pan%22%3A{}%7D", "pan%3D{}%26x", "a=%22{}", "x%2522{}%2522"),
        *("GET /?q=%20{} HTTP/1.1", "LIKE '%{}%'"),
    ],
)
@pytest.mark.parametrize("between", ["", "%20", "%2D", "-"])
def test_percent_encoded_signs_are_no_part_of_the_number(db, around, between):
    written = GROUPED.replace(" ", between)
    (hit,) = hits_in(around.format(written))
    assert (hit.number, hit.column) == (UNKNOWN, around.index("{") + 1)


def test_latin_1_and_binary_garbage_are_read(db):
    (hit,) = hits_in(f"é ü {UNKNOWN}".encode("latin-1"))
    assert (hit.line, hit.column) == (1, 5)
    garbage = bytes(range(256)) * 300
    assert numbers_in(garbage + UNKNOWN.encode() + garbage) == [UNKNOWN]


def test_gzip_is_looked_into_also_of_several_members(db):
    packed = gzip.compress(f"{UNKNOWN}\n".encode()) + gzip.compress(UNKNOWN_AMEX.encode())
    assert numbers_in(packed) == [UNKNOWN, UNKNOWN_AMEX]


@pytest.mark.parametrize(
    "pack",
    [
        *(bz2.compress, lzma.compress, zlib.compress),
        lambda text: lzma.compress(text, lzma.FORMAT_ALONE),
        lambda text: gzip.compress(gzip.compress(text)),
        lambda text: bz2.compress(gzip.compress(lzma.compress(text))),
    ],
)
def test_what_python_can_unpack_is_looked_into_also_packed_again(db, pack):
    assert numbers_in(pack(f"a\n{UNKNOWN}\n".encode() * 3_000)) == [UNKNOWN] * 3_000


def test_a_text_that_begins_like_packed_data_is_read(db):
    assert numbers_in(f"x^2 + 1, {UNKNOWN}") == [UNKNOWN]
    assert numbers_in(f"]\0\0 {UNKNOWN}") == [UNKNOWN]


def test_an_empty_text_has_none(db):
    assert told(b"") == told(gzip.compress(b"")) == []


def test_a_hit_does_not_show_its_number(db):
    (hit,) = hits_in(UNKNOWN)
    assert UNKNOWN not in repr(hit)
    assert hit.shown == "492912******1236"


def test_a_masked_number_hides_four_digits_at_least(db):
    (hit,) = hits_in("567890123456")
    assert hit.shown == "567890****56"


def test_excluded_numbers_of_no_scheme_are_told(db):
    bring_in(text_of(OUTSIDE, "9929123456781235"))
    assert told(f"9929123456781235 {OUTSIDE}") == [
        ("excluded", "9929123456781235"),
        ("excluded", OUTSIDE),
    ]
