"""Checks and minters on a real Redis Cluster whose slots move and whose nodes die."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from itertools import count
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from redis.crc import key_slot

from generation.models import IssuerRange
from tests.support import valkeys
from tests.support.valkeys import Valkey
from tests.uniqueness.bloom.cards import issue, pans_of, pass_cursor, window_of
from uniqueness.bloom import counters, filters, store, sync
from uniqueness.bloom.sealing import seal
from uniqueness.cache import answers
from uniqueness.check import Finding, Layer, check
from uniqueness.check.findings import Findings
from uniqueness.models import Reservation

pytestmark = pytest.mark.django_db(transaction=True)
WINDOWS, CARDS = 12, 20


@pytest.fixture
def cluster(own_cluster: list[Valkey], settings, monkeypatch) -> Iterator[list[Valkey]]:
    """Ask the nodes for everything, for nothing is kept in the process."""
    settings.CARDGEN_CACHE_LOCAL, settings.CARDGEN_BLOOM_FILTERS = 0, 1
    monkeypatch.setattr(filters, "LOAD_AFTER", 1)
    answers._answers.cache_clear()
    yield own_cluster
    answers._answers.cache_clear()


@pytest.fixture
def numbers(cluster, big_range) -> list[str]:
    """Issued numbers and others of twelve windows, of which six are sealed."""
    asked = []
    for window in range(WINDOWS):
        first = window * 10**6
        issue(big_range, first=first, count=CARDS)
        asked += pans_of(big_range, first=first, count=2 * CARDS).tolist()
        if window % 2:
            seal(window_of(big_range, window))
    Reservation.objects.create(
        issuer_range=big_range,
        span=(big_range.first_slot, big_range.first_slot + WINDOWS * 10**6),
        state="used",
        owner=UUID(int=7),
        issued=WINDOWS * CARDS,
    )
    pass_cursor(big_range, next_slot=WINDOWS * 10**6)
    return [pan.decode() for pan in asked]


@contextmanager
def repeated(*actions: Callable[[], None]) -> Iterator[None]:
    """Do each action over and over in a thread of its own, and see that none failed."""
    over, errors = threading.Event(), []

    def repeat(action: Callable[[], None]) -> None:
        try:
            while not over.is_set():
                action()
        except Exception as error:  # noqa: BLE001 (the test looks at it)
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=repeat, args=[action]) for action in actions]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(30)
    assert errors == []


class Watch:
    """What checks found: which layers knew, and how often they were wrong."""

    def __init__(self, numbers: list[str]) -> None:
        self._numbers = numbers
        self._truth = facts(check(numbers, hints=False))
        self.checks = self.wrong = 0
        self.layers: set[Layer] = set()

    def look(self) -> None:
        found = check(self._numbers)
        self.wrong += facts(found) != self._truth
        self.layers |= {finding.layer for finding in found}
        self.checks += 1

    def looks_on(self) -> None:
        """Wait for some more checks, and see that cache and filters still take part."""
        before, self.layers = self.checks, set()
        valkeys.wait_for(lambda: self.checks > before + 10)
        assert {Layer.CACHE, Layer.FILTER} <= self.layers
        assert self.wrong == 0


def facts(found: Findings) -> list[tuple[object, ...]]:
    def of(finding: Finding) -> tuple[object, ...]:
        return finding.state, finding.slot, finding.owner

    return [of(finding) for finding in found]


def minter(big_range: IssuerRange) -> Callable[[], None]:
    """Give what mints a card at each call, in one open window after the other."""
    turns = count()

    def mint() -> None:
        turn = next(turns)
        issue(big_range, first=turn % 6 * 2 * 10**6 + 1_000 + turn // 6, count=1)

    return mint


def node_of(window: int, nodes: list[Valkey]) -> Valkey:
    return valkeys.owner_of(key_slot(b"%d" % window), nodes)


def test_checks_and_minters_go_on_while_slots_move_and_a_node_dies(cluster, big_range, numbers):
    watch = Watch(numbers)
    with repeated(watch.look, minter(big_range)):
        watch.looks_on()
        errors = counters.figures()["errors"]
        for window in range(0, WINDOWS, 3):
            source = node_of(window_of(big_range, window), cluster)
            target = next(node for node in cluster if node is not source)
            slot = key_slot(b"%d" % window_of(big_range, window))
            valkeys.move_slot(slot, source=source, target=target, nodes=cluster)
        watch.looks_on()
        assert counters.figures()["errors"] == errors
        cluster[2].kill()
        watch.looks_on()


def test_the_filters_of_living_nodes_are_sealed(cluster, big_range, numbers):
    for window in range(WINDOWS):
        issue(big_range, first=window * 10**6 + 500_000, count=1)  # unsealed, all of them
    windows = [window_of(big_range, window) for window in range(WINDOWS)]
    dead = node_of(windows[0], cluster)
    living = [window for window in windows if node_of(window, cluster) is not dead]
    dead.kill()
    assert 0 < len(living) < WINDOWS
    report = sync(seconds=60)
    assert (report.sealed, report.left) == (len(living), WINDOWS - len(living))
    assert {window for window, _ in store.stored()} == set(living)
    with pytest.raises(CommandError, match="fails") as refused:
        call_command("sync_bloom", stdout=StringIO())
    assert refused.value.returncode == 3
