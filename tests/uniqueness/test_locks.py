"""Locks that keep others waiting do not outlive the process that holds them, frozen or dead."""

from collections.abc import Callable
from threading import Event

import pytest
from django.db import DatabaseError, InterfaceError, connection, transaction

from tests.support.threads import at_once
from uniqueness import locks


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "take",
    [lambda: locks.lock_range(7), locks.add_exclusions, locks.change_exclusions],
    ids=["range", "adders", "exclusions"],
)
def test_whoever_does_nothing_with_a_lock_in_hand_loses_it(monkeypatch, take: Callable[[], None]):
    monkeypatch.setattr(locks, "ABANDONED_SECONDS", 1)
    held, taken = Event(), Event()

    def act(number: int) -> None:
        with transaction.atomic():
            if number == 0:
                take()
                held.set()
                assert taken.wait(30)
                connection.cursor().execute("SELECT 1")
            else:
                assert held.wait(30)
                connection.cursor().execute("SET LOCAL lock_timeout = '20s'")
                take()
                taken.set()

    frozen, other = at_once(2, act)
    assert isinstance(frozen, (DatabaseError, InterfaceError))
    assert other is None
