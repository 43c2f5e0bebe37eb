"""One web process for all tests here: they leave nothing behind but rows."""

from collections.abc import Iterator

import pytest

from tests.support.processes import OUTLIVES_TESTS, web

POOL = 3


@pytest.fixture(scope="package")
def site(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a web process with a small pool of connections."""
    log = tmp_path_factory.mktemp("web") / "web.log"
    with web(log, CARDGEN_DATABASE_POOL=str(POOL), **OUTLIVES_TESTS) as address:
        yield address
