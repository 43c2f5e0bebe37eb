"""Costly values: computed once for everybody, a little stale at times, never wrong."""

import threading
import time
from collections.abc import Callable
from typing import cast

import pytest
import time_machine

from tests.support.threads import at_once
from tests.support.valkeys import Valkey
from tests.uniqueness.cache.conftest import Use
from toolkit.valkey.connections import Client, client
from uniqueness import cache
from uniqueness.cache import SharedValues, shared

Make = Callable[..., SharedValues]


@pytest.fixture
def process() -> Make:
    """Make what each process has of its own, on one server."""
    client().flushdb()
    return lambda **changes: SharedValues(connect=client, **({"pause": 0.3} | changes))


class Computation:
    """Counts how often it was done."""

    def __init__(self, *, seconds: float = 0.0) -> None:
        self.times = 0
        self._seconds = seconds
        self._lock = threading.Lock()

    def __call__(self) -> dict[str, list[int]]:
        with self._lock:
            self.times += 1
            number = self.times
        time.sleep(self._seconds)
        return {"n": [number]}


class Held(Computation):
    """One that goes on until it may end."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.may_end = threading.Event(), threading.Event()

    def __call__(self) -> dict[str, list[int]]:
        self.begun.set()
        assert self.may_end.wait(30)
        return super().__call__()


def in_a_minute() -> time_machine.travel:
    """Have the clock be a minute ahead, whatever the machine does meanwhile."""
    return time_machine.travel(time.time() + 61, tick=True)


def test_a_value_is_computed_once_and_the_same_everywhere(process: Make):
    compute = Computation()
    first, second = process(), process()
    values = [p.cached("k", seconds=60, compute=compute) for p in (first, first, second)]
    assert values == [{"n": [1]}] * 3
    assert compute.times == 1


def test_nobody_can_spoil_the_value_of_the_others(process: Make):
    values = process()
    values.cached("k", seconds=60, compute=Computation())["n"].append(99)
    assert values.cached("k", seconds=60, compute=Computation()) == {"n": [1]}


def test_a_value_that_aged_out_is_computed_anew(process: Make):
    compute, values = Computation(), process()
    values.cached("k", seconds=60, compute=compute)
    with in_a_minute():
        assert values.cached("k", seconds=60, compute=compute) == {"n": [2]}
        assert process().cached("k", seconds=60, compute=compute) == {"n": [2]}


@pytest.mark.parametrize("one_process", [True, False])
def test_a_stampede_computes_once(process: Make, one_process):
    compute, same = Computation(seconds=0.5), process()
    found = at_once(
        12,
        lambda _: (same if one_process else process()).cached("k", seconds=60, compute=compute),
    )
    assert found == [{"n": [1]}] * 12
    assert compute.times == 1


class Slow:
    """A client for whom something happens after its first look."""

    def __init__(self, happens: Callable[[], object]) -> None:
        self._happens = [happens]

    def get(self, name: str) -> object:
        found = client().get(name)
        while self._happens:
            self._happens.pop()()
        return found

    def __getattr__(self, name: str) -> object:
        return getattr(client(), name)


def test_a_value_that_came_between_the_look_and_the_lock_is_taken(process: Make):
    compute, other = Computation(), process()
    slow = cast("Client", Slow(lambda: other.cached("k", seconds=60, compute=compute)))
    late = SharedValues(connect=lambda: slow)
    assert late.cached("k", seconds=60, compute=compute) == {"n": [1]}
    assert compute.times == 1
    assert not client().exists("cardgen:shared:{k}:lock")


@pytest.mark.parametrize("one_process", [True, False])
def test_the_stale_value_is_served_while_one_computes(process: Make, one_process):
    first = process()
    first.cached("k", seconds=60, compute=Computation())
    other, slow = first if one_process else process(), Held()
    thread = threading.Thread(target=lambda: first.cached("k", seconds=60, compute=slow))
    with in_a_minute():
        thread.start()
        assert slow.begun.wait(30)
        assert other.cached("k", seconds=60, compute=slow) == {"n": [1]}
        assert slow.times == 0  # nobody has waited for it
        slow.may_end.set()
        thread.join()
    assert slow.times == 1


def test_one_who_died_computing_is_replaced(process: Make):
    started = time.perf_counter()
    client().set(shared._lock_name("k"), "a dead process", px=400)
    assert process().cached("k", seconds=60, compute=Computation()) == {"n": [1]}
    assert 0.3 < time.perf_counter() - started < 2


def test_one_who_never_ends_is_waited_for_only_so_long(process: Make):
    client().set(shared._lock_name("k"), "a slow process", px=60_000)
    started = time.perf_counter()
    values = process(lock_seconds=0.5)
    assert values.cached("k", seconds=60, compute=Computation()) == {"n": [1]}
    assert 0.4 < time.perf_counter() - started < 2
    assert client().get(shared._lock_name("k")) == b"a slow process"  # not ours to give back


def test_a_failed_computation_lets_the_next_one_try_at_once(process: Make):
    values = process()
    with pytest.raises(ZeroDivisionError):
        values.cached("k", seconds=60, compute=lambda: 1 // 0)
    started = time.perf_counter()
    assert process().cached("k", seconds=60, compute=Computation()) == {"n": [1]}
    assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw[:-2] + b"9}",
        lambda raw: b"\x00" + raw[1:],
        lambda raw: raw[:20],
        lambda raw: b"",
        lambda raw: b'{"n": [7]}',
    ],
)
def test_an_altered_value_is_computed_anew(process: Make, spoil):
    process().cached("k", seconds=60, compute=Computation())
    client().set(shared._name("k"), spoil(client().get(shared._name("k"))))
    values, compute = process(), Computation()
    compute.times = 1
    assert values.cached("k", seconds=60, compute=compute) == {"n": [2]}
    assert values.counters.figures()["rejected"] == 1


def test_a_value_of_another_name_is_computed_anew(process: Make):
    process().cached("a", seconds=60, compute=Computation())
    client().set(shared._name("b"), client().get(shared._name("a")))
    assert process().cached("b", seconds=60, compute=lambda: "mine") == "mine"


def test_an_old_value_put_back_is_not_served(process: Make):
    process().cached("k", seconds=0.1, compute=Computation())
    raw = client().get(shared._name("k"))
    time.sleep(0.5)
    client().set(shared._name("k"), raw)
    client().set(shared._lock_name("k"), "another process", px=300)
    compute = Computation()
    compute.times = 1
    assert process().cached("k", seconds=0.1, compute=compute) == {"n": [2]}


def test_without_a_server_each_process_computes_once(process: Make, use: Use, tmp_path):
    use(f"unix://{tmp_path}/nobody.sock?db=1")
    values, compute = process(), Computation(seconds=0.3)
    found = at_once(8, lambda _: values.cached("k", seconds=60, compute=compute))
    assert found == [{"n": [1]}] * 8
    assert compute.times == 1


def test_a_hanging_server_is_waited_for_once(process: Make, lone: Valkey):
    values = process(pause=30)
    values.cached("a", seconds=60, compute=Computation())
    lone.freeze()
    started = time.perf_counter()
    for key in "bcdef":
        assert values.cached(key, seconds=60, compute=Computation()) == {"n": [1]}
    assert time.perf_counter() - started < 1


def test_it_works_on_a_cluster(process: Make, nodes: list[Valkey]):
    compute = Computation()
    for key in "abcdefgh":
        process().cached(key, seconds=60, compute=compute)
        process().cached(key, seconds=60, compute=compute)
    assert compute.times == 8
    assert not list(client().scan_iter("*lock*"))


def test_the_process_has_one_of_its_own():
    client().flushdb()
    assert cache.cached("own", seconds=60, compute=lambda: [1]) == [1]
    assert cache.cached("own", seconds=60, compute=lambda: [2]) == [1]
