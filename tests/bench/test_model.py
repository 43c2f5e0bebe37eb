"""Where a bound is known, the model reaches it; it is deterministic; it leaves nothing out."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.simulation.costs import Cost, Costs, load, save
from bench.simulation.model import Load, simulate
from bench.simulation.tables import with_log

NOTHING = Costs(
    lease=Cost(),
    lease_per_running=0.0,
    lease_per_locked=0.0,
    mint=Cost(),
    write=Cost(),
    locked=Cost(),
    tell=Cost(),
    beside_each=0.0,
    log_bytes_each=0.0,
    log_bytes_per_second=1e12,
    flush=0.0,
    flush_each=0.0,
    spread=0.0,
)
REAL = replace(
    NOTHING,
    lease=Cost(worker=0.002, database=0.001),
    lease_per_running=1e-6,
    mint=Cost(worker_each=1e-7),
    write=Cost(worker=0.008, worker_each=3e-7, database_each=3e-6),
    locked=Cost(worker=0.001, database=0.001),
    log_bytes_each=200.0,
    log_bytes_per_second=1e9,
    flush=0.001,
    spread=0.2,
)


def plan(**changes: object) -> Load:
    usual = {"workers": 4, "cards": 4_000_000, "chunk": 50_000, "cores": 8}
    return Load(**(usual | changes))


def test_one_worker_takes_the_sum_of_its_steps():
    costs = replace(REAL, spread=0.0, lease_per_running=0.0, flush_each=1e-9)
    found = simulate(costs, plan(workers=1, cards=500_000))
    chunk = 0.003 + 0.005 + 0.008 + 0.015 + 0.15 + 0.002 + 2 * 0.001 + 200 * 50_000 * 1e-9
    assert found.seconds == pytest.approx(10 * chunk)


@pytest.mark.parametrize("cores", [1, 2, 4])
def test_a_saturated_database_gives_as_much_as_its_cores(cores):
    costs = replace(NOTHING, write=Cost(database_each=4e-6))
    found = simulate(costs, plan(workers=40, cards=40_000_000, cores=cores))
    assert found.rate == pytest.approx(cores / 4e-6)
    assert found.database == pytest.approx(1.0)
    assert found.bottleneck == "database cores"


def test_more_cores_than_workers_help_nobody():
    costs = replace(NOTHING, write=Cost(database_each=4e-6))
    assert simulate(costs, plan(cores=64)).rate == pytest.approx(4 / 4e-6)


def test_the_rows_of_one_job_admit_one_commit_at_a_time_and_those_of_more_jobs_more():
    costs = replace(NOTHING, locked=Cost(worker=0.01))
    one = simulate(costs, plan(workers=20, cards=20_000_000))
    four = simulate(costs, plan(workers=20, cards=20_000_000, jobs=4))
    assert one.rate == pytest.approx(50_000 / 0.01)
    assert one.bottleneck == "job rows"
    assert four.rate == pytest.approx(4 * one.rate)


def test_the_log_carries_no_more_than_its_bytes():
    costs = replace(NOTHING, log_bytes_each=200.0, log_bytes_per_second=1e8)
    found = simulate(costs, plan(workers=50, cards=50_000_000))
    assert found.rate == pytest.approx(1e8 / 200, rel=0.01)
    assert found.bottleneck == "log"


def test_what_only_one_can_do_at_a_time_bounds_all():
    costs = replace(NOTHING, write=Cost(database_each=4e-6))
    found = simulate(costs, plan(workers=40, cards=40_000_000, cores=64, serial=0.1))
    assert found.rate == pytest.approx(1 / 4e-7, rel=0.02)
    assert found.bottleneck == "inner locks"


def test_workers_on_the_databases_cores_take_their_share():
    costs = replace(NOTHING, mint=Cost(worker_each=1e-6), write=Cost(database_each=3e-6))
    found = simulate(costs, plan(workers=8, cores=2, shared=True))
    assert found.rate == pytest.approx(2 / 4e-6)


def test_programs_beside_it_take_their_share_of_the_cores():
    costs = replace(NOTHING, write=Cost(database_each=4e-6))
    found = simulate(costs, plan(workers=3, cards=30_000_000, cores=2, rivals=1.0))
    assert found.rate == pytest.approx(3 * (2 / 4) / 4e-6)


def test_small_chunks_pay_for_their_claims():
    few = simulate(REAL, plan(chunk=200_000))
    many = simulate(REAL, plan(chunk=1_000))
    assert many.rate < few.rate / 2
    assert many.leasing > few.leasing


def test_the_last_chunk_may_be_smaller_and_nothing_is_left_out():
    costs = replace(NOTHING, write=Cost(database_each=1e-6))
    assert simulate(costs, plan(workers=1, cards=123_456, jobs=3)).seconds == pytest.approx(
        0.123456
    )


def test_a_seed_gives_the_same_outcome_and_another_seed_another_one():
    assert simulate(REAL, plan(seed=5)) == simulate(REAL, plan(seed=5))
    assert simulate(REAL, plan(seed=5)) != simulate(REAL, plan(seed=6))


def test_a_faster_disk_flushes_faster():
    slow = replace(REAL, log_bytes_per_second=1e8, flush_each=8e-9)
    fast = with_log(slow, 400.0)
    assert (fast.log_bytes_per_second, fast.flush_each) == (4e8, 2e-9)


def test_costs_are_kept_in_a_file(tmp_path: Path):
    save(REAL, tmp_path / "costs.json")
    assert load(tmp_path / "costs.json") == REAL
