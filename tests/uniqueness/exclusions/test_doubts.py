"""Numbers that may be none are taken, and told; lines without one are told, or refused."""

import pytest

from tests.support.actors import entries
from tests.support.exclusions import excluded
from tests.uniqueness.exclusions.files import bring_in, numbers_of, text_of
from uniqueness.exclusions.imports.importing import BadLines, NothingToImport
from uniqueness.exclusions.imports.rendering import text_of as report_of

PAN, OTHER = "4929123456781236", "378282246310005"
WRONG = "the check digit is wrong"
ROUNDED = (
    "the check digit is wrong, and all digits behind the 15th are 0: a spreadsheet has probably"
    " rounded the numbers; set its column to text, and save the list once more"
)


@pytest.mark.parametrize(
    ("line", "doubt"),
    [
        *((line, "it looks like a date and a time") for line in (
            "2026-07-15 1200", "20260715093007", "15-07-2026 1200", "20260715093007123",
        )),
        *((line, "no card number begins with 0: is it a telephone number?") for line in (
            "0049 170 1234567", "00491701234567", "0170 1234 5678",
        )),
        *((line, "no scheme has numbers that begin so and are so long") for line in (
            "100000000001", "49291234567812", "1721030400000",
        )),
        ("4929 1234 5678 1237", WRONG), ("378282246310006", WRONG),
    ],
)  # fmt: skip
def test_what_may_be_no_card_number_is_taken_and_told(db, line, doubt):
    report = bring_in(text_of(PAN, line, OTHER))
    assert (report.new, report.lines.invalid) == (3, 0)
    told = report.as_dict()
    assert (told["doubtful"], told["doubtful_reasons"]) == (1, {doubt: 1})
    assert told["doubtful_lines"] == [{"line": 2, "reason": doubt}]
    assert "lines with a number that may be no card number: 1" in report_of(report)
    assert f"  line 2: {doubt}" in report_of(report).splitlines()


def test_card_numbers_are_not_doubted(db, small_range):
    # Napas gives its numbers no check digit; a registered range is ours.
    good = ("9704000000000018", PAN, OTHER, "6212345678900000003", *numbers_of(small_range, 1, 2))
    report = bring_in(text_of(*good))
    assert (report.new, report.lines.doubtful) == (len(good), [])


def test_a_list_that_a_spreadsheet_has_rounded_is_told_with_the_likely_reason(db):
    rounded = ("4929123456781230", "4539578763621480", "6212345678900010000", "5555555555554440")
    report = bring_in(text_of(*rounded, OTHER, "378282246310006"))
    assert (report.new, report.lines.doubts()) == (6, {ROUNDED: 4, WRONG: 1})


def test_a_list_of_wrong_numbers_is_not_taken_for_a_rounded_one(db):
    wrong = [f"492912345678123{digit}" for digit in range(10) if digit != 6]
    report = bring_in(text_of(*wrong))
    assert (report.new, report.lines.doubts()) == (9, {WRONG: 9})
    assert {line["reason"] for line in report.as_dict()["doubtful_lines"]} == {WRONG}


def test_a_column_of_dates_or_telephone_numbers_is_told_in_csv_too(db):
    report = bring_in(
        text_of("number;name", "20260715093007;Ann", "0049 170 1234567;Bob"), form="csv"
    )
    assert [line for line, _ in report.lines.doubtful] == [2, 3]


def test_a_strict_import_takes_all_lines_or_none(db):
    with pytest.raises(BadLines, match="Lines without a number: 1 of 4") as refusal:
        bring_in(text_of(PAN, "oops", "", OTHER), strict=True)
    assert [line for line, _ in refusal.value.lines.bad] == [2]
    assert not excluded()
    assert not entries().exists()
    report = bring_in(text_of("pan", PAN, "", "4929123456781237"), form="csv", strict=True)
    assert report.new == 2


def test_an_empty_file_is_refused_as_such_when_strict(db):
    with pytest.raises(NothingToImport, match="empty"):
        bring_in(b"", strict=True)


@pytest.mark.parametrize(
    ("lines", "last"),
    [((PAN, "oops", "x", OTHER), "left out: 2 of 4 lines"), ((PAN,), "left out: 0 of 1 line")],
)
def test_the_last_line_of_a_report_says_how_many_were_left_out(db, lines, last):
    assert report_of(bring_in(text_of(*lines))).splitlines()[-1] == last
