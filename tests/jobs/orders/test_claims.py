"""Particular numbers, claimed by hand."""

import time

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from rest_framework.test import APIClient

from generation.kernel.defects import Defect
from generation.kernel.luhn import is_valid
from generation.models import SequentialWindow
from jobs import results, work
from jobs.models import Chunk, Job
from tests.support.claims import URL, claim
from tests.support.fixtures import register
from tests.support.slots import exclude_slots, make_free, pans_from, take
from tests.support.threads import at_once
from tests.support.work import LONG
from uniqueness import locks
from uniqueness.claims import searching
from uniqueness.errors import RangeExhausted
from uniqueness.models import Card, Exclusion, Pool
from uniqueness.pool.capacity import left_in
from uniqueness.slots import WINDOW


def test_listed_numbers_are_issued_as_they_are(api, small_range):
    wanted = pans_from(small_range, 500, 3)
    assert sorted(claim(api, small_range, numbers=wanted)) == sorted(wanted)
    assert set(Card.objects.values_list("pan", flat=True)) == set(wanted)
    job = Job.objects.get()
    assert (job.status, job.produced) == ("succeeded", 3)
    call_command("verify_cards", job=job.id)


def test_minting_steps_over_claimed_numbers_and_delivers_all_the_same(api, submit, small_range):
    claimed = claim(api, small_range, numbers=pans_from(small_range, 10, 5))
    job = submit(range=small_range.name, count=995)
    work.work(duration=LONG)
    job.refresh_from_db()
    assert (job.status, job.produced) == ("succeeded", 995)
    assert Card.objects.count() == 1000
    mine = [
        pan.decode() for block in results.blocks(job) for pan in block.batch.cards.pans.tolist()
    ]
    assert not set(mine) & set(claimed)
    assert len(mine) == 995
    call_command("verify_cards", job=job.id)


def test_negative_cards_step_over_claimed_numbers_too(api, submit, small_range):
    claim(api, small_range, numbers=pans_from(small_range, 10, 5))
    job = submit(range=small_range.name, count=995, defect=Defect.LUHN)
    work.work(duration=LONG)
    job.refresh_from_db()
    assert (job.status, job.produced) == ("succeeded", 995)
    call_command("verify_cards", job=job.id)


def test_a_window_with_a_claimed_number_never_becomes_sequential(api, submit):
    owned = register(iin="99999902", pan_length=16)
    claim(api, owned, numbers=pans_from(owned, 1_500_000, 1))
    job = submit(range=owned.name, count=1_000_001, sequential=True)
    assert {w.window for w in SequentialWindow.objects.all()} == {0, 2}
    assert left_in([owned])[owned.pk] == 8_000_000 - 1
    last = Chunk.objects.filter(job=job).order_by("-id")[0]
    assert last.first_slot % 10**12 == 2_000_000


def test_windows_between_claimed_numbers_are_all_found(api, submit):
    owned = register(iin="99999902", pan_length=16)
    claim(
        api, owned, numbers=[pan for at in (0, 2, 4, 5) for pan in pans_from(owned, at * WINDOW, 1)]
    )
    with pytest.raises(RangeExhausted) as refusal:
        submit(range=owned.name, count=6 * WINDOW + 1, sequential=True)
    assert refusal.value.facts["left"] == 6 * WINDOW
    submit(range=owned.name, count=6 * WINDOW, sequential=True)
    windows = SequentialWindow.objects.order_by("window").values_list("window", flat=True)
    assert list(windows) == [1, 3, 6, 7, 8, 9]


def test_claims_leave_half_of_a_large_range_to_sequential_orders(api):
    owned = register(iin="99999902", pan_length=17)
    numbers = [pan for window in range(51) for pan in pans_from(owned, window * WINDOW, 1)]
    assert len(claim(api, owned, numbers=numbers[:50])) == 50
    answer = api.post(URL, {"range": owned.name, "numbers": numbers[50:]})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_claimable")
    assert "sequential" in answer.json()["detail"]
    claim(api, owned, numbers=pans_from(owned, 1, 1))
    claim(api, owned, ending="42", count=3)


def test_sequential_cards_step_over_claimed_numbers(api, submit, small_range):
    submit(range=small_range.name, count=1, sequential=True)
    every = sorted(pans_from(small_range, 0, 1000))
    claim(api, small_range, numbers=every[5:8])
    job = submit(range=small_range.name, count=100, sequential=True)
    work.work(duration=LONG)
    job.refresh_from_db()
    assert (job.status, job.produced) == ("succeeded", 100)
    assert Card.objects.count() == 104
    call_command("verify_cards", job=job.id)


def test_numbers_with_an_ending_are_found(api):
    owned = register(iin="99999902", pan_length=16)
    found = claim(api, owned, ending="4242", count=50)
    assert len(set(found)) == 50
    assert all(pan.endswith("4242") and is_valid(pan) for pan in found)


def test_an_ending_with_too_few_numbers_claims_none(api, small_range):
    answer = api.post(URL, {"range": small_range.name, "ending": "42", "count": 500})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_claimable")
    assert 5 <= answer.json()["left"] <= 20
    assert not Card.objects.exists()
    assert not Job.objects.exists()


def test_numbers_from_a_start_follow_each_other_past_those_in_use(api, small_range):
    every = sorted(pans_from(small_range, 0, 1000))
    exclude_slots(small_range, pans_from(small_range, 0, 1000).index(every[101]))
    claim(api, small_range, numbers=[every[103]])
    assert claim(api, small_range, start=every[100][:11], count=3) == [
        every[100],
        every[102],
        every[104],
    ]


def test_a_start_among_numbers_that_others_hold_finds_the_first_one_behind(api):
    owned = register(iin="99999902", pan_length=16)
    take(owned, owned.capacity - 10)
    behind = sorted(pans_from(owned, owned.capacity - 10, 10))
    assert claim(api, owned, start=owned.iin, count=4) == behind[:4]
    answer = api.post(URL, {"range": owned.name, "start": owned.iin, "count": 7})
    assert (answer.status_code, answer.json()["left"]) == (409, 6)


def test_an_ending_is_looked_for_where_there_is_room(api):
    owned = register(iin="99999902", pan_length=16)
    take(owned, owned.capacity - 10)
    behind = pans_from(owned, owned.capacity - 10, 10)
    assert claim(api, owned, ending=behind[3][-4:], count=1) == [behind[3]]
    assert claim(api, owned, ending=behind[7][-8:], count=1) == [behind[7]]


def test_an_ending_is_found_in_windows_of_one_order(api, submit):
    owned = register(iin="99999902", pan_length=16)
    submit(range=owned.name, count=10, sequential=True)
    claim(api, owned, ending="4242", count=300)
    kept = SequentialWindow.objects.get(issuer_range=owned)
    assert not Job.objects.order_by("-created_at")[0].sequential
    assert kept.window == 0


def test_a_search_that_gives_up_says_so_and_does_not_say_what_is_left(api, monkeypatch):
    owned = register(iin="99999902", pan_length=16)
    monkeypatch.setattr(searching, "PATIENCE_SECONDS", 0)
    answer = api.post(URL, {"range": owned.name, "start": owned.iin, "count": 1})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_claimable")
    assert "Stopped looking after 0 numbers" in answer.json()["detail"]
    assert "left" not in answer.json()
    assert not Job.objects.exists()


def test_an_ending_that_was_not_looked_for_everywhere_is_no_count_of_what_is_left(
    submit, monkeypatch
):
    """The time is up between the random windows and those that count up."""
    owned = register(iin="99999902", pan_length=16)
    submit(range=owned.name, count=10, sequential=True)
    whole = searching.ending(owned, digits="42424", count=1_000)
    search, until = searching._search, iter([time.monotonic() + 60, 0])
    monkeypatch.setattr(
        searching,
        "_search",
        lambda *args, **options: search(*args, **options | {"until": next(until)}),
    )
    cut = searching.ending(owned, digits="42424", count=1_000)
    assert (whole.complete, cut.complete) == (True, False)
    assert cut.pans.tolist() == whole.pans.tolist()
    assert 0 < cut.looked_at < whole.looked_at


def test_cards_of_a_sequential_window_can_be_claimed(api, submit, small_range):
    submit(range=small_range.name, count=10, sequential=True)
    work.work(duration=LONG)
    last = max(pans_from(small_range, 0, 1000))
    assert claim(api, small_range, numbers=[last]) == [last]
    call_command("verify_cards", job=Job.objects.order_by("-created_at")[0].id)


@pytest.mark.parametrize("slot", [0, 150, 250, 700])
def test_issued_held_given_up_and_excluded_numbers_cannot_be_claimed(
    api, submit, small_range, slot
):
    submit(range=small_range.name, count=100)
    work.work(duration=LONG)
    take(small_range, 100)  # held until somebody mints there
    Pool.objects.filter(issuer_range=small_range).update(next_slot=300)
    exclude_slots(small_range, 700)
    before = Card.objects.count()
    numbers = [*pans_from(small_range, 800, 1), *pans_from(small_range, slot, 1)]
    answer = api.post(URL, {"range": small_range.name, "numbers": numbers})
    # Which number is imported is nobody's business.
    told = None if slot == 700 else [1]
    assert (answer.status_code, answer.json().get("places")) == (409, told)
    assert Card.objects.count() == before


def test_numbers_in_a_free_span_can_be_claimed_and_are_not_minted_again(api, submit, small_range):
    make_free(small_range, 0, 100)
    claim(api, small_range, numbers=pans_from(small_range, 5, 2))
    job = submit(range=small_range.name, count=98)
    work.work(duration=LONG)
    job.refresh_from_db()
    assert (job.status, job.produced) == ("succeeded", 98)
    assert Card.objects.count() == 100


@pytest.mark.django_db(transaction=True)
def test_of_many_claims_of_one_number_one_wins(api, user, small_range):
    wanted = pans_from(small_range, 500, 2)

    def try_it(number: int) -> int:
        client = APIClient()
        client.force_authenticate(user)
        return client.post(URL, {"range": small_range.name, "numbers": wanted}).status_code

    assert sorted(map(str, at_once(6, try_it))) == ["201", *["409"] * 5]
    assert Card.objects.count() == Exclusion.objects.filter(reason="claimed").count() == 2


@pytest.mark.django_db(transaction=True)
def test_claims_by_start_at_once_all_find_other_numbers(api, user, small_range):
    def try_it(number: int) -> list[str]:
        client = APIClient()
        client.force_authenticate(user)
        start = small_range.iin
        return claim(client, small_range, start=start, count=5)

    found = at_once(4, try_it)
    assert (
        sorted(pan for some in found for pan in some)
        == sorted(pans_from(small_range, 0, 1000))[:20]
    )


@pytest.mark.django_db(transaction=True)
def test_a_claim_and_a_minter_do_not_wait_for_each_other(api, user, small_range):
    def try_it(number: int) -> list[str]:
        client = APIClient()
        client.force_authenticate(user)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        return claim(client, small_range, ending="42", count=1)

    with transaction.atomic():
        locks.share_exclusions()
        (found,) = at_once(1, try_it)
    assert [pan[-2:] for pan in found] == ["42"]


@pytest.mark.django_db(transaction=True)
def test_claims_and_minting_at_once_share_the_range_without_loss(api, user, submit, small_range):
    job = submit(range=small_range.name, count=900)

    def act(number: int) -> int:
        if number == 0:
            work.work(duration=LONG)
            return 0
        client = APIClient()
        client.force_authenticate(user)
        wanted = pans_from(small_range, 900 + number * 10, 10)
        return client.post(URL, {"range": small_range.name, "numbers": wanted}).status_code

    assert at_once(4, act) == [0, 201, 201, 201]
    job.refresh_from_db()
    assert (job.status, job.produced) == ("succeeded", 900)
    assert Card.objects.count() == 930


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"numbers": []},
        {"numbers": ["4000"] * 2},
        {"numbers": ["4000001234567899"], "count": 1},
        {"ending": "4242"},
        {"ending": "4", "count": 1},
        {"ending": "42४2", "count": 1},
        {"start": "40", "count": 1},
        {"ending": "4242", "count": 1001},
        {"ending": "4242", "count": 1, "start": "400000"},
        {"ending": "4242", "count": 1, "defect": "luhn"},
        {"ending": "4242", "count": 1, "ordering": "sequential"},
    ],
)
def test_wrong_claims_are_refused_and_change_nothing(api, wrong):
    answer = api.post(URL, {"range": "400000-16"} | wrong)
    assert answer.status_code == 400
    assert answer.json()["errors"]
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    "wish", [{"ending": "12345"}, {"start": "400000"}, {"start": "9999990112345"}]
)
def test_wishes_that_no_number_of_the_range_fulfils_are_told_so(api, small_range, wish):
    answer = api.post(URL, {"range": small_range.name, "count": 1} | wish)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_order")
    assert small_range.name in answer.json()["detail"]


@pytest.mark.parametrize("wish", [{"ending": "2"}, {"start": "5"}])
def test_wishes_of_the_wrong_length_are_told_the_right_one(api, wish):
    answer = api.post(URL, {"range": "400000-16", "count": 1} | wish)
    assert "digits" in str(answer.json()["errors"])


def test_numbers_of_another_range_or_length_cannot_be_claimed(api, small_range):
    numbers = [*pans_from(small_range, 0, 1), "4000001234567899", "123"]
    answer = api.post(URL, {"range": small_range.name, "numbers": numbers})
    assert (answer.status_code, answer.json()["places"]) == (409, [1, 2])
    assert numbers[1] not in answer.content.decode()


def test_the_slot_of_a_claimed_number_is_kept_for_good(api, small_range):
    claim(api, small_range, numbers=pans_from(small_range, 7, 1))
    row = Exclusion.objects.get(reason="claimed")
    assert row.slot == small_range.first_slot + 7
    assert np.isin(row.owner, [Job.objects.get().id])
