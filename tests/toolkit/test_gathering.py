"""Values that wait a moment: handed on together, in order, whatever becomes of others."""

import threading

import pytest

from tests.support.waiting import wait_until
from toolkit.gathering import Gatherer

Handed = list[tuple[str, list[int]]]


def gatherer(handed: Handed) -> Gatherer[str, int]:
    def hand_on(key: str, values: list[int]) -> None:
        if key == "wrong":
            raise ValueError(key)
        handed.append((key, values))

    return Gatherer(hand_on, seconds=0.05)


def test_values_of_a_key_are_handed_on_together_and_in_order():
    handed: Handed = []
    some = gatherer(handed)
    for number in range(5):
        some.add("odd" if number % 2 else "even", number)
    wait_until(lambda: len(handed) == 2)
    assert sorted(handed) == [("even", [0, 2, 4]), ("odd", [1, 3])]


def test_what_cannot_be_handed_on_is_logged_and_the_rest_goes_on(caplog):
    handed: Handed = []
    some = gatherer(handed)
    for key in ("wrong", "right"):
        some.add(key, 1)
    wait_until(lambda: handed == [("right", [1])])
    assert "could not be handed on" in caplog.text
    some.add("later", 2)
    wait_until(lambda: handed[1:] == [("later", [2])])


def test_after_a_pause_it_begins_again():
    handed: Handed = []
    some, before = gatherer(handed), threading.active_count()
    some.add("first", 1)
    wait_until(lambda: bool(handed) and threading.active_count() <= before)
    some.add("second", 2)
    wait_until(lambda: len(handed) == 2)


def test_without_a_thread_nothing_is_raised_and_the_next_value_tries_again(
    monkeypatch: pytest.MonkeyPatch,
):
    handed: Handed = []
    some = gatherer(handed)

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        some.add("any", 1)
    some.add("any", 2)
    wait_until(lambda: handed == [("any", [1, 2])])
