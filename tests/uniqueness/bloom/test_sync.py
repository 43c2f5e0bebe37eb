"""Bringing stored filters and ledger together, by the service and by the command."""

from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from tests.support.distributing import COUNTED
from tests.uniqueness.bloom.cards import (
    interrupted,
    issue,
    pans_of,
    pass_cursor,
    same_window,
    window_of,
)
from toolkit.valkey.connections import client as cache_client
from uniqueness.bloom import SyncReport, certainly_absent, filters, plan, sbbf, store, sync
from uniqueness.bloom.sealing import seal
from uniqueness.management.commands import sync_bloom
from uniqueness.models import Reservation, WindowFilter
from uniqueness.pool import settlement


def sealed() -> list[int]:
    rows = WindowFilter.objects.exclude(digest=None).order_by("window")
    return list(rows.values_list("window", flat=True))


@pytest.fixture
def three_windows(big_range):
    """Cards in windows 0 to 2 of a range whose cursor stands in window 2."""
    for number in range(3):
        issue(big_range, first=number * 10**6, count=40)
    pass_cursor(big_range, next_slot=2_500_000)
    return big_range


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("sync_bloom", *arguments, stdout=out)
    return out.getvalue()


def test_windows_behind_the_cursor_are_sealed_and_the_last_is_not(three_windows):
    assert sync(seconds=60) == SyncReport(sealed=2)
    assert sealed() == [window_of(three_windows, 0), window_of(three_windows, 1)]


def test_a_window_that_somebody_still_writes_into_waits(three_windows):
    """It would be un-sealed by the next chunk, and read again for nothing."""
    first = three_windows.first_slot + 10**6
    held = Reservation.objects.create(
        issuer_range=three_windows,
        span=(first + 7, first + 9),
        owner=UUID(int=7),
        expires_at=Now(),
    )
    assert sync(seconds=60) == SyncReport(sealed=1)
    assert sealed() == [window_of(three_windows, 0)]
    settlement.finish(held.owner)
    assert sync(seconds=60) == SyncReport(sealed=1)


def test_a_window_without_cards_is_never_sealed(three_windows):
    pass_cursor(three_windows, next_slot=900 * 10**6)
    assert sync(seconds=60).sealed == 3


def test_a_range_smaller_than_a_window_is_sealed_once_it_is_used_up(small_range):
    issue(small_range, count=10)
    pass_cursor(small_range, next_slot=999)
    assert sync(seconds=60).sealed == 0
    pass_cursor(small_range, next_slot=1_000)
    assert sync(seconds=60).sealed == 1


def test_a_run_does_no_more_than_it_may_and_says_what_is_left(three_windows):
    assert sync(seconds=0) == SyncReport(sealed=1, left=1)
    assert sealed() == [window_of(three_windows, 0)]
    assert sync(seconds=0) == SyncReport(sealed=1)
    assert sync(seconds=0) == SyncReport()


def test_a_window_that_got_a_card_since_is_sealed_again(three_windows):
    sync(seconds=60)
    issue(three_windows, first=500, count=1)
    assert sync(seconds=60).sealed == 1
    assert WindowFilter.objects.get(pk=window_of(three_windows)).version == 2


def test_filters_that_the_server_lost_are_stored_again(three_windows):
    sync(seconds=60)
    for window, name in store.stored():
        store.drop(window=window, name=name)
    assert sync(seconds=60).sealed == 2
    assert sorted(store.stored()) == [
        (window_of(three_windows, 0), "v2"),
        (window_of(three_windows, 1), "v2"),
    ]


def test_stale_filters_are_dropped_and_others_stay(three_windows):
    sync(seconds=60)
    window = window_of(three_windows)
    cache_client().set(f"cardgen:bloom:{{{window}}}:v7", b"x")
    cache_client().set("cardgen:bloom:{999}:v1", b"x")
    assert sync(seconds=60) == SyncReport(dropped=2)
    assert sorted(store.stored()) == [(window, "v1"), (window_of(three_windows, 1), "v1")]


def test_the_former_version_of_an_unsealed_window_is_dropped(three_windows):
    sync(seconds=60)
    window = window_of(three_windows, 2)
    seal(window)
    issue(three_windows, first=2_200_000, count=1)
    assert sync(seconds=60).dropped == 1
    assert window not in dict(store.stored())


def test_a_damaged_filter_that_was_asked_for_is_stored_again(three_windows, monkeypatch):
    monkeypatch.setattr(filters, "LOAD_AFTER", 1)
    sync(seconds=60)
    window, pans = window_of(three_windows), pans_of(three_windows)
    cache_client().set(f"cardgen:bloom:{{{window}}}:v1", bytes(sbbf.FILTER_BYTES))
    assert not certainly_absent(windows=same_window(window, pans), pans=pans).any()
    assert sync(seconds=60) == SyncReport(sealed=1)
    assert certainly_absent(windows=same_window(window, pans), pans=pans).any()


def test_a_full_server_gives_the_oldest_filter_for_a_new_one(three_windows, own_server):
    sync(seconds=0)
    cache_client().config_set("maxmemory", 4 * sbbf.FILTER_BYTES)
    assert sync(seconds=60) == SyncReport(sealed=1)
    assert store.stored() == [(window_of(three_windows, 1), "v1")]


def test_a_full_server_is_given_no_lost_filter(three_windows, own_server):
    sync(seconds=60)
    cache_client().flushdb()
    cache_client().config_set("maxmemory", 2 * sbbf.FILTER_BYTES)
    assert sync(seconds=60) == SyncReport(left=2)
    assert store.stored() == []


def test_without_a_server_nothing_is_done(three_windows, own_server):
    own_server.kill()
    assert sync(seconds=60) == SyncReport(reachable=False)
    assert sealed() == []


def test_the_command_seals_everything_and_says_so(three_windows):
    assert command() == "sealed: 2, busy: 0, dropped: 0, left: 0\n"


def test_a_dry_run_changes_nothing(three_windows):
    cache_client().set("cardgen:bloom:{999}:v1", b"x")
    assert command("--dry-run") == "to seal: 2, to store again: 0, to drop: 1\n"
    assert sealed() == []
    assert (999, "v1") in store.stored()


def test_the_command_can_look_at_one_range_alone(three_windows, small_range):
    issue(small_range, count=10)
    pass_cursor(small_range, next_slot=1_000)
    cache_client().set("cardgen:bloom:{999}:v1", b"x")
    assert command("--range", small_range.name).startswith("sealed: 1, busy: 0, dropped: 0")
    assert sealed() == [window_of(small_range)]


def test_a_rebuild_builds_sealed_filters_again(three_windows):
    command()
    window = window_of(three_windows)
    cache_client().set(f"cardgen:bloom:{{{window}}}:v1", sbbf.empty().tobytes())
    assert command("--rebuild").startswith("sealed: 2")
    assert set(WindowFilter.objects.values_list("version", flat=True)) == {2}


def test_an_unknown_range_is_a_bad_request(db):
    with pytest.raises(CommandError, match="whole name, such as 400000-16") as refused:
        command("--range", "400000")
    assert refused.value.returncode == 2


def test_the_command_without_a_server_is_refused(three_windows, own_server):
    own_server.kill()
    with pytest.raises(CommandError, match="does not answer") as refused:
        command()
    assert refused.value.returncode == 3


def test_the_command_says_when_the_server_is_full(three_windows, own_server):
    cache_client().config_set("maxmemory", 2 * sbbf.FILTER_BYTES)
    with pytest.raises(CommandError, match="no room") as refused:
        command()
    assert refused.value.returncode == 3


def test_an_interrupted_command_says_so(three_windows, monkeypatch):
    monkeypatch.setattr(sync_bloom, "tqdm", interrupted)
    with pytest.raises(CommandError, match="stays") as refused:
        command()
    assert refused.value.returncode == 130


@COUNTED
def test_planning_costs_few_queries(three_windows, django_assert_num_queries):
    with django_assert_num_queries(1):
        plan()


def test_a_lost_filter_takes_no_other_ones_place(three_windows, own_server):
    sync(seconds=60)
    store.drop(window=window_of(three_windows, 0), name="v1")
    cache_client().config_set("maxmemory", 2 * sbbf.FILTER_BYTES)
    assert sync(seconds=60) == SyncReport(left=1)
    assert (window_of(three_windows, 1), "v1") in store.stored()
