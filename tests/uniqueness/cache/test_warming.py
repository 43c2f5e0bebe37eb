"""`manage.py warm_cache`: the newest cards are in the cache, with the owners they have."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Max, Min
from redis.crc import key_slot

from jobs import work
from jobs.models import Job
from tests.support import valkeys
from tests.support.fixtures import register
from tests.support.pages import steps
from tests.support.slots import pans
from tests.support.work import LONG
from tests.uniqueness.cache import nonsense
from toolkit.valkey.breaker import Breakers
from uniqueness.bloom import counters, store
from uniqueness.cache import answers, carry_out, plan
from uniqueness.cache.answers import forget_all
from uniqueness.cache.generation import KEY
from uniqueness.cache.warming import WarmReport
from uniqueness.check import Layer, State, check
from uniqueness.models import Card, Reservation


def warm(*arguments: str) -> str:
    out = StringIO()
    call_command("warm_cache", *arguments, stdout=out)
    return out.getvalue().strip()


def make(submit, **order: object) -> Job:
    job = submit(**order)
    work.work(duration=LONG)
    return job


def numbers_of(job: Job) -> list[str]:
    span = Reservation.objects.filter(owner=job.id).aggregate(
        first=Min("span__startswith"), end=Max("span__endswith")
    )
    cards = Card.objects.filter(slot__gte=span["first"], slot__lt=span["end"])
    return list(cards.order_by("slot").values_list("pan", flat=True))


def in_cache(numbers: list[str]) -> list[str]:
    """Which of these the cache knows, and knows right."""
    found = check(numbers)
    for finding, truth in zip(found, check(numbers, hints=False), strict=True):
        assert (finding.state, finding.slot, finding.owner) == (
            (truth.state, truth.slot, truth.owner)
        )
    known = zip(numbers, found, strict=True)
    return [number for number, finding in known if finding.layer is Layer.CACHE]


def test_the_newest_cards_are_known_and_older_ones_are_not(submit, small_range):
    old, new = (make(submit, range=small_range.name, count=10) for _ in range(2))
    forget_all()
    assert warm("--newest", "14").startswith("cards put into the cache: 14 in ")
    assert in_cache(numbers_of(old)) == numbers_of(old)[-4:]
    assert in_cache(numbers_of(new)) == numbers_of(new)


def test_without_a_number_all_are_put_there_that_have_a_place(submit, small_range):
    job = make(submit, range=small_range.name, count=20)
    forget_all()
    assert "cache: 20 in" in warm()
    assert in_cache(numbers_of(job)) == numbers_of(job)


def test_one_range_alone(submit, small_range):
    other = register(iin="99999902", pan_length=16)
    mine = make(submit, range=small_range.name, count=5)
    others = make(submit, range=other.name, count=5)
    forget_all()
    assert "cache: 5 in" in warm("--range", small_range.name)
    assert in_cache(numbers_of(mine)) == numbers_of(mine)
    assert in_cache(numbers_of(others)) == []


def test_claimed_cards_keep_their_owner(api, submit, small_range):
    (number,) = pans(small_range, 5)
    api.post("/api/v1/cards/claim", {"range": small_range.name, "numbers": [number]})
    make(submit, range=small_range.name, count=20)
    forget_all()
    assert "cache: 21 in" in warm()
    assert in_cache([number]) == [number]


def test_letters_are_left_out_and_purged_cards_too(submit, small_range):
    make(submit, range=small_range.name, count=5, defect="non_digit")
    purged = make(submit, range=small_range.name, count=5)
    Reservation.objects.filter(owner=purged.id).update(state="used", expires_at=None, purged=True)
    forget_all()
    assert "cache: 0 in" in warm()


def test_an_empty_ledger_is_no_failure(db):
    assert "cache: 0 in" in warm()


def test_a_dry_run_says_how_many_and_puts_none(submit, small_range):
    job = make(submit, range=small_range.name, count=20)
    forget_all()
    assert warm("--dry-run", "--newest", "7") == "cards to put into the cache: 7"
    assert in_cache(numbers_of(job)) == []


def test_steps_add_up_to_the_plan(submit, small_range):
    make(submit, range=small_range.name, count=20)
    steps: list[int] = []
    planned = plan(newest=8)
    assert carry_out(planned, step=steps.append) == WarmReport(kept=8, refused=0)
    assert planned.cards == sum(steps) == 8  # older cards of the span are not even read


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--newest", "0"), "from 1 to 500,000"),
        (("--newest", "500001"), "from 1 to 500,000"),
        (("--range", "123456-16"), "No issuer range 123456-16"),
    ],
)
def test_bad_requests_say_what_is_allowed(db, arguments, message):
    with pytest.raises(CommandError, match=message) as refused:
        warm(*arguments)
    assert refused.value.returncode == 2


@pytest.fixture
def own_breakers(monkeypatch):
    """Leave nobody else without a cache after this test; called, begin as a new process does."""

    def begin() -> None:
        monkeypatch.setattr(store, "breakers", Breakers(counters=counters))
        answers._answers.cache_clear()

    begin()
    yield begin
    answers._answers.cache_clear()


def test_a_dead_cache_server_is_told(submit, small_range, own_breakers, use, tmp_path):
    make(submit, range=small_range.name, count=5)
    with valkeys.server(tmp_path) as server:
        use(f"redis://{server.address}/1")
    for arguments in ((), ("--filters",)):
        with pytest.raises(CommandError, match="cache server") as refused:
            warm(*arguments)
        assert refused.value.returncode == 3


def test_the_runbook_of_a_lost_valkey(submit, small_range, own_breakers, use, tmp_path):
    make(submit, range=small_range.name, count=5)
    look, *after = steps("runbooks.md", "Valkey is lost", {})
    with valkeys.server(tmp_path) as server:
        use(f"redis://{server.address}/1")
    look.take()
    with valkeys.server(tmp_path) as server:
        use(f"redis://{server.address}/1")
        for step in after:
            own_breakers()
            step.take()


def test_a_server_that_keeps_nothing_is_told(submit, small_range, own_breakers, use, tmp_path):
    make(submit, range=small_range.name, count=5)
    with nonsense.server("+OK") as address:
        use(f"redis://{address}/0")
        with pytest.raises(CommandError, match="cache server") as refused:
            warm()
    assert refused.value.returncode == 3


def test_a_dead_node_leaves_the_others_to_be_filled(
    submit, small_range, own_breakers, mortal_nodes
):
    make(submit, range=small_range.name, count=100)
    generation = valkeys.owner_of(key_slot(KEY), mortal_nodes)
    next(node for node in mortal_nodes if node is not generation).kill()
    out = StringIO()
    with pytest.raises(CommandError, match="Some of the cache") as refused:
        call_command("warm_cache", stdout=out)
    assert refused.value.returncode == 3
    assert 0 < int(out.getvalue().split()[5]) < 100


def test_filters_are_stored_too(submit, small_range):
    make(submit, range=small_range.name, count=1_000)
    assert warm("--filters", "--dry-run").startswith("filters to store: 1\n")
    assert warm("--filters").startswith(
        "filters stored: 1, left: 0\ncards put into the cache: 1,000"
    )
    assert check(numbers_of(Job.objects.get())[:1])[0].state is State.ISSUED
