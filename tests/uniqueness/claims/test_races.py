"""Claims beside others: nobody waits in a circle, nor for a search."""

from threading import Event

import numpy as np
import pytest
from django.db import connection, transaction
from django.db.models.functions import Now
from rest_framework.test import APIClient

from jobs.models import Job
from tests.support.claims import URL, claim
from tests.support.slots import pans_from
from tests.support.threads import at_once
from tests.support.waiting import somebody_waits
from uniqueness import locks
from uniqueness.bloom import before_record
from uniqueness.claims import finding, searching
from uniqueness.exclusions import adding
from uniqueness.exclusions.adding import exclude
from uniqueness.models import Card, WindowFilter
from uniqueness.slots import WINDOW

_ADVISORY = "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'"


def outrun(monkeypatch, *, times: int) -> list[int]:
    """Let others take what is found, so often; give the number of locks held at each search."""
    search, held = searching.following, []

    def search_then_lose(*args, **options):
        with connection.cursor() as cursor:
            cursor.execute(_ADVISORY)
            held.append(cursor.fetchone()[0])
        found = search(*args, **options)
        if len(held) <= times:
            numbers = [pan.decode() for pan in found.pans[:1].tolist()]
            exclude(dict.fromkeys(numbers, "somebody faster"), reason="imported")
        return found

    monkeypatch.setattr(finding, "following", search_then_lose)
    return held


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_was_outrun_searches_again_without_a_lock(api, small_range, monkeypatch):
    held = outrun(monkeypatch, times=3)
    every = sorted(pans_from(small_range, 0, 1000))
    assert claim(api, small_range, start=small_range.iin, count=2) == every[3:5]
    assert held == [0, 0, 0, 0]
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_was_outrun_each_time_is_told_so(api, small_range, monkeypatch):
    held = outrun(monkeypatch, times=10)
    answer = api.post(URL, {"range": small_range.name, "start": small_range.iin, "count": 2})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_claimable")
    assert "Others were faster" in answer.json()["detail"]
    assert held == [0, 0, 0, 0]
    assert not Job.objects.exists()
    assert not Card.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_claim_waits_for_a_minter_of_its_window_before_it_locks_the_range(api, user, small_range):
    """The minter has un-sealed the window, and sets more slots aside in the same transaction."""
    window = small_range.first_slot // WINDOW
    promise = {"version": 1, "cards": 0, "strays": 0, "sealed_at": Now()}
    WindowFilter.objects.create(window=window, digest=b"sealed", **promise)
    minting = Event()

    def act(number: int) -> object:
        if number:
            assert minting.wait(30)
            client = APIClient()
            client.force_authenticate(user)
            return len(claim(client, small_range, numbers=pans_from(small_range, 500, 1)))
        with transaction.atomic():
            locks.share_exclusions()
            before_record(np.array([small_range.first_slot]))
            minting.set()
            assert somebody_waits()
            locks.lock_range(small_range.pk)
            return "minted"

    assert at_once(2, act) == ["minted", 1]


@pytest.mark.django_db(transaction=True)
def test_a_claim_holds_nothing_that_an_import_of_the_same_number_waits_for(
    user, small_range, monkeypatch
):
    """The import has written the number, and is about to keep all others from minting."""
    (number,), close, written = pans_from(small_range, 500, 1), adding.close_gate, Event()

    def close_late(**options: object) -> bool:
        written.set()
        assert somebody_waits()
        return close(**options)

    def act(place: int) -> int:
        if place:
            assert written.wait(30)
            client = APIClient()
            client.force_authenticate(user)
            body = {"range": small_range.name, "numbers": [number]}
            return client.post(URL, body).status_code
        return exclude({number: "an import"}, reason="imported")

    monkeypatch.setattr(adding, "close_gate", close_late)
    assert at_once(2, act) == [1, 409]
