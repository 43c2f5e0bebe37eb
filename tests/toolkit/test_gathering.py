"""Values that wait a moment: handed on together, in order, whatever becomes of others."""

import os
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
    with some._handing_on:  # a slow machine hands nothing on before all are there
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


def test_a_flush_waits_for_what_the_thread_has_in_hand():
    handed: list[int] = []
    begun, may_end = threading.Event(), threading.Event()

    def hand_on(_: str, values: list[int]) -> None:
        begun.set()
        assert may_end.wait(30)
        handed.extend(values)

    some: Gatherer[str, int] = Gatherer(hand_on, seconds=0.01)
    some.add("any", 1)
    assert begun.wait(30)
    flushing = threading.Thread(target=some.flush)
    flushing.start()
    flushing.join(0.2)
    assert flushing.is_alive()
    may_end.set()
    flushing.join(30)
    assert handed == [1]


def test_a_child_hands_on_its_own_values_and_leaves_its_parents_to_it():
    reading, writing = os.pipe()

    def hand_on(_: str, values: list[int]) -> None:
        os.write(writing, bytes(values))

    some: Gatherer[str, int] = Gatherer(hand_on, seconds=0.3)
    some.add("any", 1)
    if not (child := os.fork()):
        some.add("any", 2)
        wait_until(lambda: not some._works)
        os._exit(0)
    os.waitpid(child, 0)
    wait_until(lambda: not some._works)
    assert sorted(os.read(reading, 10)) == [1, 2]
