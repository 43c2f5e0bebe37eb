"""A sealed filter holds every card of its window, whoever mints at the same time."""

import time
from threading import Event, Thread

import numpy as np
import pytest
from django.db import DatabaseError, InterfaceError, connection, transaction

from generation.kernel.mint import mint
from generation.kernel.mint import span as slots_from
from generation.ranges import spec
from tests.support.threads import at_once
from tests.uniqueness.bloom.cards import (
    PROFILE,
    issue,
    pans_of,
    pass_cursor,
    same_window,
    window_of,
)
from uniqueness import ledger, locks
from uniqueness.bloom import before_record, certainly_absent, filters, sbbf, store
from uniqueness.bloom.sealing import Sealing, build, seal
from uniqueness.models import Card, WindowFilter

at_the_same_time = pytest.mark.django_db(transaction=True)


def stored(window: int) -> np.ndarray:
    """The sealed filter on the server."""
    row = WindowFilter.objects.get(pk=window)
    text = store.get(window=window, version=row.version, wanted=bytes(row.digest))
    return np.frombuffer(text, dtype=np.uint8)


def test_a_sealed_filter_is_that_of_the_ledgers_numbers(big_range):
    pans, window = issue(big_range, count=500), window_of(big_range)
    issue(big_range, first=10**6, count=10)
    assert seal(window) is Sealing.SEALED
    assert (stored(window) == sbbf.build(pans)).all()
    row = WindowFilter.objects.get()
    assert (row.version, row.cards, row.strays) == (1, 500, 0)


def test_numbers_of_negative_cards_are_in_as_they_stand(big_range):
    good = issue(big_range, count=5)
    odd = np.array([b"99990000", b"99999800000000000", b"9999980O0000ABCD"])
    issue(big_range, first=10, count=3, pans=odd)
    seal(window_of(big_range))
    bloom = stored(window_of(big_range))
    assert sbbf.contains(bloom, odd).all()
    assert sbbf.contains(bloom, good).all()
    row = WindowFilter.objects.get()
    assert (row.cards, row.strays) == (8, 3)


def test_a_range_smaller_than_a_window_is_sealed_too(small_range):
    issue(small_range, count=1_000)
    seal(window_of(small_range))
    row = WindowFilter.objects.get()
    assert (row.cards, row.strays) == (1_000, 0)


def test_writing_a_card_unseals_the_window_and_no_other(big_range):
    for window in (0, 1):
        issue(big_range, first=window * 10**6, count=5)
        seal(window_of(big_range, window))
    issue(big_range, first=100, count=1)
    states = dict(WindowFilter.objects.values_list("window", "digest"))
    assert states[window_of(big_range, 0)] is None
    assert states[window_of(big_range, 1)] is not None


def test_cards_in_many_windows_unseal_them_all(big_range):
    slots = np.array([3, 10**6 + 3, 5 * 10**6]) + big_range.first_slot
    for window in (0, 1, 5):
        issue(big_range, first=window * 10**6, count=1)
        seal(window_of(big_range, window))
    with transaction.atomic():
        before_record(slots)
    assert not WindowFilter.objects.exclude(digest=None).exists()


def test_what_the_ledger_writes_unseals_its_window(big_range):
    issue(big_range, count=5)
    seal(window_of(big_range))
    cards = mint(spec(big_range), slots=slots_from(100, 50), profile=PROFILE)
    with transaction.atomic():
        ledger.write(issuer_range=big_range, cards=cards)
    assert WindowFilter.objects.get().digest is None


def test_claimed_numbers_in_many_windows_take_no_room_of_the_server(api, big_range):
    numbers = [pans_of(big_range, first=n * 10**6, count=1)[0].decode() for n in range(40)]
    body = {"range": big_range.name, "numbers": numbers}
    assert api.post("/api/v1/cards/claim", body).status_code == 201
    assert store.stored() == []


def test_the_version_grows_at_every_seal(big_range):
    issue(big_range, count=5)
    for version in (1, 2, 3):
        seal(window_of(big_range))
        assert WindowFilter.objects.get().version == version


def test_a_server_that_takes_no_filter_leaves_the_window_unsealed(big_range, own_server):
    issue(big_range, count=5)
    own_server.kill()
    assert seal(window_of(big_range)) is Sealing.UNSTORED
    assert not WindowFilter.objects.exists()


def test_unsealing_takes_one_round_trip(big_range, django_assert_num_queries):
    with transaction.atomic(), django_assert_num_queries(1):
        before_record(np.array([big_range.first_slot]))


@at_the_same_time
def test_a_rolled_back_minter_leaves_the_window_sealed(big_range):
    issue(big_range, count=5)
    seal(window_of(big_range))
    with transaction.atomic():
        before_record(np.array([big_range.first_slot + 9]))
        transaction.set_rollback(True)
    assert WindowFilter.objects.get().digest is not None


@at_the_same_time
def test_a_window_where_somebody_mints_is_left_alone(big_range):
    issue(big_range, count=5)
    with transaction.atomic():
        before_record(np.array([big_range.first_slot + 9]))
        assert at_once(1, lambda _: seal(window_of(big_range))) == [Sealing.BUSY]
    assert seal(window_of(big_range)) is Sealing.SEALED


@at_the_same_time
def test_a_minter_that_waited_for_the_sealer_unseals_what_it_sealed(big_range):
    """An UPDATE in the statement that waits would not see the row it has to change."""
    issue(big_range, count=5)
    sealed = Event()

    def mint_late() -> None:
        sealed.wait(10)
        issue(big_range, first=100, count=1)
        connection.close()

    minter = Thread(target=mint_late)
    minter.start()
    with transaction.atomic():
        seal(window_of(big_range))
        sealed.set()
        await_waiter()
    minter.join(20)
    assert WindowFilter.objects.get().digest is None


@at_the_same_time
def test_a_sealer_that_freezes_holds_up_no_minter_for_ever(big_range, monkeypatch):
    monkeypatch.setattr(locks, "ABANDONED_SECONDS", 1)
    issue(big_range, count=5)
    sealed, minted = Event(), Event()

    def freeze_or_mint(number: int) -> None:
        if number == 1:
            assert sealed.wait(30)
            issue(big_range, first=100, count=1)
            minted.set()
            return
        with transaction.atomic():
            assert seal(window_of(big_range)) is Sealing.SEALED
            sealed.set()
            assert minted.wait(30)
            connection.cursor().execute("SELECT 1")

    frozen, minter = at_once(2, freeze_or_mint)
    assert isinstance(frozen, (DatabaseError, InterfaceError))
    assert minter is None
    assert not WindowFilter.objects.exclude(digest=None).exists()


@at_the_same_time
def test_no_card_is_denied_while_two_minters_and_a_sealer_work(big_range, monkeypatch):
    monkeypatch.setattr(filters, "LOAD_AFTER", 1)
    issue(big_range, count=1)
    window = window_of(big_range)

    def mint_or_seal(number: int) -> int:
        denied = 0
        for turn in range(30):
            if number == 2:
                seal(window)
                continue
            pans = issue(big_range, first=1 + number * 10_000 + turn * 40, count=40)
            denied += int(certainly_absent(windows=same_window(window, pans), pans=pans).sum())
        return denied

    assert at_once(3, mint_or_seal) == [0, 0, 0]
    assert seal(window) is Sealing.SEALED
    everything = np.array([pan.encode() for pan in Card.objects.values_list("pan", flat=True)])
    assert everything.size == 2_401
    assert sbbf.contains(stored(window), everything).all()
    assert (stored(window) == build(window).bloom).all()


@at_the_same_time
def test_what_was_sealed_between_two_chunks_answers_for_neither(big_range, monkeypatch):
    monkeypatch.setattr(filters, "LOAD_AFTER", 1)
    pass_cursor(big_range, next_slot=10**6)
    issue(big_range, count=5)
    seal(window_of(big_range))
    later = pans_of(big_range, first=50, count=200)
    windows = same_window(window_of(big_range), later)
    assert certainly_absent(windows=windows, pans=later).sum() >= 195
    issue(big_range, first=50, count=200)
    assert not certainly_absent(windows=windows, pans=later).any()


def await_waiter() -> None:
    """Wait until somebody waits for an advisory lock."""
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")
