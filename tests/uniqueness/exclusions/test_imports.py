"""Importing numbers: the report is exact, and all or nothing is done."""

import pytest
from django.db import connection

from generation.kernel.luhn import is_valid
from jobs import upkeep, work
from jobs.models import Job, Status
from tests.support.actors import entries, somebody
from tests.support.exclusions import excluded, kept
from tests.support.fixtures import register
from tests.support.work import LONG
from tests.uniqueness.exclusions.files import OUTSIDE, bring_in, numbers_of, text_of
from uniqueness.errors import RangeExhausted
from uniqueness.exclusions.adding import place
from uniqueness.exclusions.imports.importing import InvalidSource, NothingToImport
from uniqueness.exclusions.imports.report import MOST_LISTED
from uniqueness.models import Card, Exclusion, ImportedToken
from uniqueness.pool.reserving import reserve
from uniqueness.slots import Span, excluded_slots
from uniqueness.trail.writing import ReasonMissing


def test_no_new_range_reads_no_imported_number_and_stops_nobody(db, django_assert_num_queries):
    bring_in(text_of(OUTSIDE))
    with django_assert_num_queries(2):  # the savepoint of the test's transaction, and its end
        place([])


def test_every_line_is_counted_in_one_place(submit, small_range):
    job = submit(range=small_range.name, count=10)
    work.work(duration=LONG)
    issued, new, known = numbers_of(small_range, 3, 500, 501)
    bring_in(text_of(known))
    report = bring_in(
        text_of(new, "", known, "12345", f"{new[:4]} {new[4:8]}-{new[8:]}", issued, "4111x", "- ")
    )
    assert report.as_dict() | {"seconds": 0, "locked_seconds": 0} == {
        "source": "a test", "format": "plain", "dry_run": False,
        "lines": 8, "header": 0, "blank": 2, "new": 1, "known": 1, "issued": 1, "invalid": 2,
        "duplicates": 1, "differing": 0, "continued": 0,
        "doubtful": 0, "doubtful_reasons": {}, "doubtful_lines": [],
        "invalid_reasons": {
            "only digits, and spaces and dashes between them, make a number": 1,
            "a number has 12 to 19 digits": 1,
        },
        "invalid_lines": [
            {"line": 4, "reason": "a number has 12 to 19 digits"},
            {
                "line": 7,
                "reason": "only digits, and spaces and dashes between them, make a number",
            },
        ],
        "issued_by_job": [{"job": str(job.id), "numbers": 1}],
        "issued_numbers": [{"number": f"{issued[:6]}****{issued[-2:]}", "job": str(job.id)}],
        "seconds": 0, "locked_seconds": 0,
    }  # fmt: skip


def test_new_numbers_have_their_slots_and_their_source(small_range):
    bring_in(text_of(*numbers_of(small_range, 7, 9), OUTSIDE), source="bank list 7")
    whole = Span(small_range.first_slot, small_range.first_slot + 1000)
    assert excluded_slots(whole) == [whole.first + 7, whole.first + 9]
    assert {one.source for one in excluded().values()} == {"bank list 7"}
    assert kept(OUTSIDE) == ("imported", "bank list 7")


def test_no_digit_of_a_number_outside_all_ranges_is_in_the_database(small_range):
    bring_in(text_of(OUTSIDE, *numbers_of(small_range, 7)))
    assert list(Exclusion.objects.values_list("pan", flat=True)) == numbers_of(small_range, 7)
    (row,) = ImportedToken.objects.values_list("token", "source")
    assert OUTSIDE not in "".join(map(str, row))
    assert kept(OUTSIDE)


def test_a_number_outside_all_ranges_is_known_the_second_time(small_range):
    assert bring_in(text_of(OUTSIDE, OUTSIDE)).as_dict()["new"] == 1
    again = bring_in(text_of(OUTSIDE))
    assert (again.new, again.known, again.duplicates) == (0, 1, 0)


def test_a_range_that_is_registered_brings_its_numbers_in(db):
    numbers = [f"58888801{tail:03}{digit}" for tail in (3, 500) for digit in range(10)]
    bring_in(text_of(OUTSIDE, *numbers), source="bank")
    assert not Exclusion.objects.exists()
    place([register(iin="58888801", pan_length=12)])
    assert sorted(Exclusion.objects.values_list("pan", flat=True)) == sorted(numbers)
    assert Exclusion.objects.filter(slot__isnull=False).count() == 2
    assert kept(OUTSIDE) == kept(numbers[0]) == ("imported", "bank")


def test_a_number_with_a_wrong_check_digit_is_excluded_as_it_stands(small_range):
    good = numbers_of(small_range, 1)[0]
    wrong = good[:-1] + str((int(good[-1]) + 1) % 10)
    assert bring_in(text_of(wrong)).new == 1
    assert Exclusion.objects.get(pan=wrong).slot is None


def test_the_audit_trail_tells_who_and_why(db):
    bring_in(text_of(OUTSIDE), actor=somebody("ann"), reason="list of the acquirer")
    entry = entries().get()
    assert (entry.actor, entry.action, entry.subject) == ("ann", "import_exclusions", "1 number")
    assert entry.reason == "list of the acquirer"


def test_without_a_reason_the_audit_trail_tells_the_source(db):
    bring_in(text_of(OUTSIDE), source="bank.csv")
    assert entries().get().reason == "import of bank.csv"


def test_a_dry_run_reports_the_same_and_changes_nothing(small_range):
    content = text_of(*numbers_of(small_range, 1, 2), "bad", OUTSIDE)
    tried = bring_in(content, dry_run=True)
    assert not excluded()
    assert not entries().exists()
    done = bring_in(content)
    same = ("lines", "new", "known", "issued", "invalid_lines", "duplicates")
    assert [tried.as_dict()[name] for name in same] == [done.as_dict()[name] for name in same]
    assert (tried.dry_run, done.new) == (True, 3)


def test_the_same_file_again_is_known(small_range):
    content = text_of(*numbers_of(small_range, 1, 2))
    bring_in(content)
    assert (bring_in(content).new, bring_in(content).known) == (0, 2)


def test_published_numbers_are_known_and_keep_their_reason(catalogue):
    report = bring_in(text_of("4111111111111111"))
    assert (report.new, report.known) == (0, 1)
    assert Exclusion.objects.get(pan="4111111111111111").reason == "published"


def test_numbers_of_six_and_eight_digit_iins_are_both_placed(db):
    six, eight = register(iin="999998", pan_length=13), register(iin="99999901", pan_length=16)
    bring_in(text_of(*numbers_of(six, 5), *numbers_of(eight, 6)))
    slots = set(Exclusion.objects.values_list("slot", flat=True))
    assert slots == {six.first_slot + 5, eight.first_slot + 6}


def test_excluded_numbers_count_as_no_room(small_range):
    bring_in(text_of(*numbers_of(small_range, *range(100))))
    with pytest.raises(RangeExhausted, match="900 numbers left"):
        reserve(issuer_range=small_range, count=901, owner=Job().id)


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"x\n" * 5, b"pan\n"])
def test_a_file_without_a_number_is_refused_and_changes_nothing(db, content):
    with pytest.raises(NothingToImport) as refusal:
        bring_in(content)
    assert refusal.value.facts["lines"] == content.count(b"\n")
    assert not entries().exists()


def test_a_million_bad_lines_are_counted_and_the_first_are_told(db):
    report = bring_in(b"4111-oops\n" * 1_000_000 + text_of(OUTSIDE))
    assert (report.lines.total, report.lines.invalid, report.new) == (1_000_001, 1_000_000, 1)
    assert [line for line, _ in report.lines.bad] == list(range(1, MOST_LISTED + 1))


@pytest.mark.parametrize("source", ["", "x" * 201, "two\nlines", "list 4929123456781236"])
def test_a_source_that_cannot_be_kept_is_refused(db, source):
    with pytest.raises(InvalidSource):
        bring_in(text_of(OUTSIDE), source=source)


def test_a_reason_that_says_nothing_is_refused(db):
    with pytest.raises(ReasonMissing):
        bring_in(text_of(OUTSIDE), reason="because")
    assert not excluded()


def test_many_issued_numbers_are_counted_by_job_and_the_first_are_listed_masked(db, submit):
    wide = register(iin="99999902", pan_length=13)
    first, second = submit(range=wide.name, count=1_500), submit(range=wide.name, count=10)
    work.work(duration=LONG)
    assert Job.objects.filter(status=Status.SUCCEEDED).count() == 2
    numbers = list(Card.objects.values_list("pan", flat=True))
    report = bring_in(text_of(*numbers))
    assert (report.issued, report.new) == (1_510, 0)
    assert report.cards.by_job == [(first.id, 1_500), (second.id, 10)]
    assert len(report.cards.listed) == MOST_LISTED
    assert not any(masked in numbers for masked, _ in report.cards.listed)


@pytest.mark.parametrize("order", [{}, {"sequential": True}])
def test_numbers_of_purged_cards_are_issued_still_and_told_with_their_job(db, submit, order):
    owned = register(iin="99999902", pan_length=16)
    job = submit(range=owned.name, count=20, **order)
    work.work(duration=LONG)
    job.refresh_from_db()
    numbers = sorted(Card.objects.values_list("pan", flat=True))
    later = [pan for pan in _following(numbers[-1], count=20) if pan not in numbers]
    assert sum(upkeep.purge_cards(job)) == 20
    report = bring_in(text_of(*numbers, *later))
    assert (report.issued, report.new) == (20, len(later))
    assert report.cards.by_job == [(job.id, 20)]
    assert not Exclusion.objects.filter(pan__in=numbers).exists()


def _following(number: str, *, count: int) -> list[str]:
    """Numbers of the range behind this one, in the order of numbers."""
    heads = [str(int(number[:-1]) + step) for step in range(1, count + 1)]
    return [f"{head}{digit}" for head in heads for digit in range(10) if is_valid(f"{head}{digit}")]


def test_purged_claims_are_issued_still(api, small_range):
    (number,) = numbers_of(small_range, 700)
    body = {"range": small_range.name, "numbers": [number]}
    job = Job.objects.get(id=api.post("/api/v1/cards/claim", body).json()["job"])
    assert sum(upkeep.purge_cards(job)) == 1
    report = bring_in(text_of(number))
    assert (report.issued, report.cards.by_job) == (1, [(job.id, 1)])


def test_the_tables_of_an_import_are_gone_after_it(db):
    bring_in(text_of(OUTSIDE))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'import\\_%'")
        assert cursor.fetchone() == (0,)
