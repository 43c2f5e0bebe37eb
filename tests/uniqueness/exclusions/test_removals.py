"""Removing imported numbers: said exactly what becomes of them, and never at a job's cost."""

from collections.abc import Callable

import pytest

from generation.kernel.luhn import is_valid
from jobs import work
from jobs.models import Status
from tests.support.actors import entries, somebody
from tests.support.exclusions import excluded, kept
from tests.support.slots import take
from tests.support.threads import at_once
from tests.support.work import LONG
from tests.uniqueness.exclusions.files import OUTSIDE, bring_in, numbers_of, text_of
from uniqueness import registry
from uniqueness.exclusions import removal_tables as tables
from uniqueness.exclusions.adding import exclude
from uniqueness.exclusions.removing import (
    ExclusionInUse,
    PublishedStays,
    Removal,
    RemovalRequest,
    remove,
    remove_source,
)
from uniqueness.models import Card, Exclusion, Reservation
from uniqueness.slots import Span, excluded_slots
from uniqueness.trail.writing import ReasonMissing

WHY = "the list was wrong"


def just_found(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Have something done elsewhere right after a removal has found its numbers."""
    find = tables.find

    def find_first(*, source: str | None) -> int:
        found = find(source=source)
        _raise(*at_once(1, lambda _: act()))
        return found

    monkeypatch.setattr(tables, "find", find_first)


def _raise(result: object) -> None:
    if isinstance(result, Exception):
        raise result


def let_go(*numbers: str) -> Removal:
    return remove(list(numbers), reason=WHY, actor=somebody("ann"))


def test_a_number_whose_slot_comes_later_is_minted_again(submit, small_range):
    numbers = numbers_of(small_range, 2, 5)
    bring_in(text_of(*numbers))
    assert let_go(*numbers) == Removal(removed=2, free=2, passed=0, outside=0, not_excluded=0)
    submit(range=small_range.name, count=10)
    work.work(duration=LONG)
    assert set(numbers) <= set(Card.objects.values_list("pan", flat=True))


def test_a_number_whose_slot_was_passed_is_not(submit, small_range):
    (number,) = numbers_of(small_range, 2)
    bring_in(text_of(number))
    submit(range=small_range.name, count=10)
    work.work(duration=LONG)
    Reservation.objects.update(state="used", expires_at=None)
    assert let_go(number) == Removal(removed=1, free=0, passed=1, outside=0, not_excluded=0)


def test_a_number_in_a_span_that_was_given_back_is_free(small_range):
    (number,) = numbers_of(small_range, 2)
    bring_in(text_of(number))
    take(small_range, 10)
    Reservation.objects.update(state="free", expires_at=None, owner=None)
    assert let_go(number).free == 1


def test_a_number_that_a_running_job_has_left_out_stays_until_the_job_is_done(submit, small_range):
    (number,) = numbers_of(small_range, 2)
    bring_in(text_of(number))
    job = submit(range=small_range.name, count=10)
    with pytest.raises(ExclusionInUse, match="Try again when those jobs are done"):
        let_go(number)
    work.work(duration=LONG)
    job.refresh_from_db()
    assert (job.status, job.produced) == (Status.SUCCEEDED, 10)


def test_numbers_outside_of_all_ranges_and_unknown_ones_are_told_apart(small_range):
    bring_in(text_of(OUTSIDE))
    done = let_go(OUTSIDE, *numbers_of(small_range, 1), OUTSIDE)
    assert done == Removal(removed=1, free=0, passed=0, outside=1, not_excluded=1)


def test_a_published_number_stays_and_so_do_the_others(catalogue):
    bring_in(text_of(OUTSIDE))
    with pytest.raises(PublishedStays) as refusal:
        let_go(OUTSIDE, "4111111111111111")
    assert refusal.value.facts["places"] == [1]
    assert "4111111111111111" not in str(refusal.value)
    assert kept(OUTSIDE)


def test_a_number_that_is_published_after_its_import_stays(small_range):
    (number,) = numbers_of(small_range, 7)
    bring_in(text_of(number))
    assert exclude({number: "a provider"}, reason="published") == 0
    row = Exclusion.objects.get()
    assert (row.reason, row.source) == ("published", "a provider")
    with pytest.raises(PublishedStays):
        let_go(number)


def test_a_published_number_that_is_imported_stays_published(small_range):
    (number,) = numbers_of(small_range, 7)
    for reason in ("published", "imported"):
        exclude({number: reason}, reason=reason)
    assert Exclusion.objects.get().source == "published"


@pytest.mark.django_db(transaction=True)
def test_a_number_that_is_published_while_it_is_removed_stays(small_range):
    numbers = numbers_of(small_range, 7, 8)
    bring_in(text_of(*numbers))

    def publish(begun: str) -> None:
        if begun == "removing":
            at_once(1, lambda _: exclude({numbers[0]: "a provider"}, reason="published"))

    with pytest.raises(ExclusionInUse, match="changed meanwhile"):
        remove_source(
            "a test", request=RemovalRequest(reason=WHY, actor=somebody("ann"), tell=publish)
        )
    assert set(Exclusion.objects.values_list("reason", flat=True)) == {"published", "imported"}


def test_a_claimed_card_stays_excluded(submit, small_range, user):
    (number,) = numbers_of(small_range, 700)
    slot = small_range.first_slot + 700
    Exclusion.objects.create(pan=number, slot=slot, reason="claimed", owner=submit().id, source="x")
    Card.objects.create(slot=slot, pan=number, expiry="2030-01-31", cvv="123")
    with pytest.raises(ExclusionInUse, match="is a card"):
        let_go(number)


def test_the_audit_trail_tells_who_and_why_without_the_number(small_range):
    bring_in(text_of(OUTSIDE))
    let_go(OUTSIDE)
    entry = entries().first()
    assert (entry.actor, entry.action, entry.reason) == ("ann", "remove_exclusions", WHY)
    assert entry.subject == "1 number"


def test_nothing_is_removed_without_a_reason(db):
    bring_in(text_of(OUTSIDE))
    with pytest.raises(ReasonMissing):
        remove([OUTSIDE], reason="", actor=somebody("ann"))
    assert excluded()


def test_a_removed_number_can_be_imported_again(small_range):
    content = text_of(*numbers_of(small_range, 4))
    bring_in(content)
    let_go(*numbers_of(small_range, 4))
    assert bring_in(content).new == 1
    whole = Span(small_range.first_slot, small_range.first_slot + 10)
    assert excluded_slots(whole) == [whole.first + 4]


def test_a_dry_run_tells_the_same_and_changes_nothing(small_range):
    bring_in(text_of(OUTSIDE, *numbers_of(small_range, 4)))
    before = entries().count()
    tried = remove(
        [OUTSIDE, *numbers_of(small_range, 4, 5)], reason=WHY, actor=somebody("a"), dry_run=True
    )
    assert tried == Removal(removed=2, free=1, passed=0, outside=1, not_excluded=1, dry_run=True)
    assert (len(excluded()), entries().count()) == (2, before)


def test_all_that_one_source_named_goes_at_once_and_nothing_else(catalogue, small_range):
    bring_in(text_of(*numbers_of(small_range, *range(300))), source="wrong list")
    bring_in(text_of(OUTSIDE, "4111111111111111"), source="right list")
    done = remove_source("wrong list", request=RemovalRequest(reason=WHY, actor=somebody("ann")))
    assert (done.removed, done.free) == (300, 300)
    assert [pan for pan, one in excluded().items() if one.reason == "imported"] == [OUTSIDE]
    entry = entries().first()
    assert (entry.subject, entry.reason) == ("300 numbers", f"{WHY} (source: wrong list)")


def test_published_numbers_are_no_import_of_their_source(catalogue):
    source = Exclusion.objects.filter(reason="published").first().source
    assert (
        remove_source(source, request=RemovalRequest(reason=WHY, actor=somebody("ann"))).removed
        == 0
    )


def test_a_number_too_long_to_be_excluded_is_no_shorter_one(db):
    longest = "5999990000000004000"
    bring_in(text_of(longest))
    assert let_go(f"{longest}1", f"{longest}1").not_excluded == 1
    assert excluded()


def test_numbers_in_a_sequential_window_have_their_slots_there(submit, small_range):
    """A window of one order: passed ones lie in the job's span, free ones behind it."""
    submit(range=small_range.name, count=10, sequential=True)
    work.work(duration=LONG)
    Reservation.objects.filter(state="held").update(state="used", expires_at=None)
    passed = sorted(Card.objects.values_list("pan", flat=True))
    later = str(int(passed[-1][:-1]) + 200)
    number = next(pan for digit in range(10) if is_valid(pan := f"{later}{digit}"))
    bring_in(text_of(number))
    assert let_go(number) == Removal(removed=1, free=1, passed=0, outside=0, not_excluded=0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["comparing", "removing", "checking"])
def test_cards_are_minted_while_a_removal_works(submit, small_range, step):
    bring_in(text_of(*numbers_of(small_range, *range(500, 900))), source="wrong list")
    submit(range=small_range.name, count=10)

    def mint(begun: str) -> None:
        if begun == step:
            at_once(1, lambda _: work.work(duration=LONG))
            assert Card.objects.count() == 10

    done = remove_source(
        "wrong list", request=RemovalRequest(reason=WHY, actor=somebody("ann"), tell=mint)
    )
    assert done.free == 400


@pytest.mark.django_db(transaction=True)
def test_a_job_that_counts_on_a_number_meanwhile_keeps_it_excluded(submit, small_range):
    bring_in(text_of(*numbers_of(small_range, 3)), source="wrong list")

    def order(begun: str) -> None:
        if begun == "checking":
            at_once(1, lambda _: submit(range=small_range.name, count=10))

    with pytest.raises(ExclusionInUse, match="running jobs hold"):
        remove_source(
            "wrong list", request=RemovalRequest(reason=WHY, actor=somebody("ann"), tell=order)
        )
    work.work(duration=LONG)
    assert Card.objects.count() == 10
    assert Exclusion.objects.filter(source="wrong list").exists()


BY_LIST_AND_BY_SOURCE = pytest.mark.parametrize(
    "let_go_of",
    [
        let_go,
        lambda _: remove_source(
            "a test", request=RemovalRequest(reason=WHY, actor=somebody("ann"))
        ),
    ],
    ids=["list", "source"],
)


@BY_LIST_AND_BY_SOURCE
@pytest.mark.django_db(transaction=True)
def test_a_window_that_begins_to_count_up_behind_the_search_is_seen(
    submit, small_range, monkeypatch, let_go_of
):
    """The job has left the number out where it stands in sequence, not where it stood."""
    numbers = numbers_of(small_range, *range(1_000))
    early = next(number for number in sorted(numbers)[:10] if numbers.index(number) > 9)
    bring_in(text_of(early))
    order = {"range": small_range.name, "count": 10, "sequential": True}
    just_found(monkeypatch, lambda: submit(**order))
    with pytest.raises(ExclusionInUse, match="running jobs hold"):
        let_go_of(early)
    work.work(duration=LONG)
    assert Card.objects.count() == 10


@BY_LIST_AND_BY_SOURCE
@pytest.mark.django_db(transaction=True)
def test_a_range_registered_behind_the_search_is_seen(catalogue, monkeypatch, let_go_of):
    numbers = (f"42345670{tail:08d}" for tail in range(10))
    number = next(number for number in numbers if is_valid(number))
    bring_in(text_of(number))
    owned = {"scheme": "visa", "iin": "42345670", "pan_length": 16}
    words = {"statement": "ours since 2019", "actor": somebody()}
    just_found(monkeypatch, lambda: registry.register_owned(**owned, **words))
    with pytest.raises(ExclusionInUse, match="changed meanwhile"):
        let_go_of(number)
