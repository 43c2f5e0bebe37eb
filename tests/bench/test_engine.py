"""What queueing theory knows in closed form comes out of the simulation."""

from collections.abc import Iterator

import numpy as np
import pytest

from bench.simulation.engine import Clock, Cores, Line, Log, Process, Request

_CUSTOMERS = 40_000


def mean_stay(clock: Clock, request: Request, *, load: float) -> float:
    """Let customers come at random, so many in a second; gives how long they stay on average."""
    stays: list[float] = []
    drawn = np.random.default_rng(7)

    def customer() -> Process:
        came = clock.now
        yield request
        stays.append(clock.now - came)

    for moment in np.cumsum(drawn.exponential(1 / load, _CUSTOMERS)).tolist():
        clock.after(moment, lambda: clock.start(customer()))
    clock.run()
    return float(np.mean(stays))


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_a_line_is_the_queue_m_d_1(load):
    clock = Clock()
    stay = mean_stay(clock, Line(clock).serve(1.0), load=load)
    assert stay == pytest.approx(1 + load / (2 * (1 - load)), rel=0.05)


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_a_core_is_the_queue_m_d_1_with_processor_sharing(load):
    clock = Clock()
    stay = mean_stay(clock, Cores(clock, count=1).serve(1.0), load=load)
    assert stay == pytest.approx(1 / (1 - load), rel=0.06)


def test_cores_share_themselves_out_evenly():
    clock = Clock()
    cores, ends = Cores(clock, count=2), []

    def program(work: float) -> Process:
        yield cores.serve(work)
        ends.append(clock.now)

    for work in (1.0, 2.0, 3.0):
        clock.start(program(work))
    clock.run()
    # Three on two cores until 1.5, then two with a core each.
    assert ends == pytest.approx([1.5, 2.5, 3.5])
    assert cores.busy == pytest.approx(6.0)


def test_a_lock_goes_to_whoever_asked_first():
    clock = Clock()
    line, order = Line(clock), []

    def program(number: int) -> Process:
        yield line.acquire
        order.append(number)
        yield lambda then: clock.after(1.0, then)
        line.release()

    for number in range(4):
        clock.start(program(number))
    clock.run()
    assert (order, clock.now, line.busy) == ([0, 1, 2, 3], 4.0, 4.0)


def commits(log: Log, clock: Clock, size: float, ends: list[float]) -> Iterator[Request]:
    log.append(size, since=clock.now)
    yield log.flush
    ends.append(clock.now)


def test_who_waits_during_a_flush_shares_the_next_one():
    clock = Clock()
    log, ends = Log(clock, bytes_per_second=1e9, flush=1.0), list[float]()
    for moment in (0.0, 0.1, 0.5, 0.9):
        clock.after(moment, lambda: clock.start(commits(log, clock, 0.0, ends)))
    clock.run()
    assert ends == pytest.approx([1.0, 2.0, 2.0, 2.0])


def test_a_flush_takes_no_more_bytes_than_the_disk():
    clock = Clock()
    log, ends = Log(clock, bytes_per_second=100.0, flush=0.0, flush_each=0.001), list[float]()
    clock.start(commits(log, clock, 300.0, ends))
    clock.start(commits(log, clock, 100.0, ends))
    clock.run()
    assert ends == pytest.approx([3.0, 4.0])
