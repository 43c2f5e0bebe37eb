"""What the steps of a chunk cost here: jobs of two chunk sizes, minted by this very process."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
import psutil
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection

from bench.simulation.costs import Cost, Costs
from bench.simulation.watch import Mark, Watcher, mark
from jobs import orders, work
from jobs.models import Job
from jobs.orders import ItemOrder, Order, Origin

_SMALL, _LARGE = 5_000, 50_000
_WARM_UP = 4
_STEPS = ("lease", "mint", "write", "locked", "tell")
# The commit is part of `locked`: it writes what the log's buffers still hold.
_BY_CARD = {"mint", "write", "locked"}
_BLOCK = 8 << 20
_FLUSHES = """
    SELECT sum(fsync_time)::float8 / 1000 FROM pg_stat_io
    WHERE object = 'wal' AND backend_type = 'client backend'
"""
Steps = dict[str, Mark]


def order(cards: int, *, chunk: int) -> Job:
    """Order Visa cards, cut into chunks of that size, and ring for nobody."""
    settings.CARDGEN_CHUNK_CARDS = chunk
    items = (ItemOrder(count=cards, scheme="visa"),)
    wanted = Order(items=items, first_month=2040 * 12, months=24)
    owner = User.objects.get(username="admin")
    return orders.submit(order=wanted, origin=Origin(owner=owner), ring=lambda: None)


def measure(cards: int) -> Costs:
    """Mint two jobs, of about so many cards together, and tell what each step cost."""
    _ask("SET track_wal_io_timing = on")
    _mint(_LARGE * _WARM_UP, chunk=_LARGE)
    _ask("CHECKPOINT")
    beside, log, flushes = _beside(), _log_position(), _flushed()
    small = _mint(cards // 10, chunk=_SMALL)
    middle, flushes_between = _log_position(), _flushed()
    large = _mint(cards - cards // 10, chunk=_LARGE)
    minted = len(small) * _SMALL + len(large) * _LARGE
    waited = (flushes_between - flushes) / len(small), (_flushed() - flushes_between) / len(large)
    written = (middle - log) / len(small), (_log_position() - middle) / len(large)
    flush_each = max(0.0, waited[1] - waited[0]) / (written[1] - written[0])
    steps = {name: _fit(name, small, large) for name in _STEPS}
    return Costs(
        **steps,
        lease_per_running=0.0,
        lease_per_locked=0.0,
        beside_each=max(0.0, _beside() - beside) / minted,
        log_bytes_each=(_log_position() - log) / minted,
        log_bytes_per_second=_disk(Path(settings.VAR)),
        # A chunk has two commits: that of its lease has next to nothing to flush.
        flush=max(0.0, waited[0] - written[0] * flush_each) / 2,
        flush_each=flush_each,
        spread=_spread(large),
    )


def _mint(cards: int, *, chunk: int) -> list[Steps]:
    job = order(cards, chunk=chunk)
    return list(_chunks(job))


def _chunks(job: Job) -> Iterator[Steps]:
    while True:
        began = mark()
        lease = work.lease_next()
        if lease is None:
            return
        leased, watcher = mark(), Watcher()
        with connection.execute_wrapper(watcher):
            work.execute(lease)
        done = mark()
        work.announce(job.id)  # as `execute` did last, to know what that was
        told = mark().since(done)
        if watcher.minted is None or watcher.written is None:
            raise SystemExit("a chunk was not minted: see above")
        locked = done.since(watcher.written).since(told)
        yield {
            "lease": leased.since(began),
            "mint": watcher.minted.since(leased),
            "write": watcher.written.since(watcher.minted),
            "locked": locked,
            "tell": told,
        }


def _fit(name: str, small: list[Steps], large: list[Steps]) -> Cost:
    """Part a step's cost in what it has for each chunk and for each card of it."""
    parts: dict[str, float] = {}
    for side in ("worker", "database"):
        few = mean(getattr(steps[name], side) for steps in small)
        many = mean(getattr(steps[name], side) for steps in large)
        each = max(0.0, many - few) / (_LARGE - _SMALL) if name in _BY_CARD else 0.0
        parts |= {side: max(0.0, few - each * _SMALL), f"{side}_each": each}
    return Cost(**parts)


def _spread(large: list[Steps]) -> float:
    times = [sum(step.worker + step.database for step in steps.values()) for steps in large]
    return stdev(times) / mean(times)


def _beside() -> float:
    """CPU seconds of all processes of both servers but our own connection's."""
    used = sum(_cpu(process) for process in psutil.process_iter() if _is_server(process))
    return used - mark().database


def _is_server(process: psutil.Process) -> bool:
    """Tell whether it is PostgreSQL's or Valkey's of this VAR: both work inside it."""
    try:
        return str(settings.VAR) in process.cwd() and process.pid != os.getpid()
    except psutil.Error:
        return False


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def _log_position() -> int:
    return int(_ask("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")[0])


def _flushed() -> float:
    """Seconds that connections have waited for the log to be durable."""
    _ask("SELECT pg_stat_force_next_flush()")
    return float(_ask(_FLUSHES)[0] or 0.0)


def _ask(statement: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return tuple(cursor.fetchone()) if cursor.description else ()


def _disk(folder: Path) -> float:
    """Write a quarter of a GB and make it durable; tell bytes a second."""
    block = np.random.default_rng(1).bytes(_BLOCK)
    file = folder / "written"
    started = time.perf_counter()
    with file.open("wb") as out:
        for _ in range(32):
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    seconds = time.perf_counter() - started
    file.unlink()
    return 32 * _BLOCK / seconds
