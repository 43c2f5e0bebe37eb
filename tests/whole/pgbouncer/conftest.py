"""PgBouncer with few connections, and this test process working through it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from tests.whole.pgbouncer.bouncer import Bouncer, running

_FEW = 3


@pytest.fixture
def bouncer(transactional_db: None, tmp_path: Path) -> Iterator[Bouncer]:
    """PgBouncer that shares out three connections."""
    with running(tmp_path, pool_size=_FEW) as found:
        yield found


@pytest.fixture
def through(bouncer: Bouncer, settings) -> Iterator[Bouncer]:
    """This process, too, reaches the database through PgBouncer."""
    settings.CARDGEN_POOLED = True
    own = connection.settings_dict
    before = {name: own[name] for name in ("HOST", "PORT", "USER", "OPTIONS")}
    connection.close()
    options = {name: value for name, value in own["OPTIONS"].items() if name != "host"}
    own |= bouncer.settings() | {"OPTIONS": options, "DISABLE_SERVER_SIDE_CURSORS": True}
    yield bouncer
    connection.close()
    own |= before | {"DISABLE_SERVER_SIDE_CURSORS": False}
