"""An empty cache server and a process that has just begun, for every test."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytest_django import Settings

from cardgen.configuration import cache
from generation.models import IssuerRange
from tests.support import valkeys
from tests.support.fixtures import register
from tests.support.valkeys import Valkey
from tests.uniqueness.bloom.cards import issue, window_of
from uniqueness.bloom.sealing import seal

TIMEOUT = 0.5


@pytest.fixture
def big_range(db: None) -> IssuerRange:
    """A range of a thousand windows."""
    return register(iin="999998", pan_length=16)


@pytest.fixture
def own_server(settings: Settings, tmp_path: Path) -> Iterator[Valkey]:
    """A cache server of the test's own, to be stopped."""
    with valkeys.server(tmp_path) as server:
        settings.CACHES = cache.caches(f"redis://{server.address}/0", timeout=TIMEOUT)
        yield server


@pytest.fixture
def own_cluster(settings: Settings, tmp_path: Path) -> Iterator[list[Valkey]]:
    """Three nodes of a Cluster."""
    with valkeys.cluster(tmp_path) as nodes:
        addresses = ",".join(node.address for node in nodes)
        settings.CACHES = cache.caches(f"redis+cluster://{addresses}", timeout=TIMEOUT)
        yield nodes


@pytest.fixture
def cards(big_range) -> np.ndarray:
    """The numbers of 500 cards in a sealed window."""
    pans = issue(big_range, count=500)
    seal(window_of(big_range))
    return pans
