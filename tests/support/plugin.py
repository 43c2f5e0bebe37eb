"""Real servers for the whole test session, in a folder of its own (`-p tests.support.plugin`).

It comes before pytest-django, which reads the settings before any conftest.py. DATABASE_URL and the
others are honoured: the settings then look elsewhere, and the embedded servers idle. Of several
processes that share the tests out (pytest-xdist), each has servers of its own.
"""

import contextlib
import gc
import os
import shutil
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from cardgen.embedded import ownership, servers

_PREFIX = "cardgen-test-"
_YOUNG = 60  # seconds
# But where a test sets a limit.
_UNLIMITED = {
    "CARDGEN_CARDS_PER_DAY": "0",
    "CARDGEN_ACTIVE_JOBS": "0",
    "CARDGEN_RANGE_SHARE": "100",
}
_LONG = (
    "tests/chaos/test_scenarios",
    "tests/whole/pages/",
    "tests/whole/browser/",  # the files of these two share what is started
    "tests/whole/daphne/",
    "tests/whole/",
    "tests/deploy/test_deploy",
    "tests/bench/",
    "tests/cardgen/embedded/",
    "tests/cardgen/backup/",
    "tests/cardgen/access/rights/",
    "tests/generation/kernel/",
    "tests/uniqueness/cache/",
    "tests/jobs/commands/",
)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, object, object]:
    """Name a fresh VAR before anybody reads the settings; keep one that the caller chose."""
    if "CARDGEN_VAR" not in os.environ or "PYTEST_XDIST_WORKER" in os.environ:
        _remove_abandoned()
        os.environ["CARDGEN_VAR"] = tempfile.mkdtemp(prefix=_PREFIX)
    for name, value in _UNLIMITED.items():
        os.environ.setdefault(name, value)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Have the servers run around the tests, whatever the tests do."""
    if session.config.option.collectonly or not session.items:
        return (yield)
    with servers.running(_var(), throwaway=True):
        return (yield)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long, in whatever order within: one that came last would
    keep one process busy while the others have nothing left."""
    items.sort(key=lambda item: [not item.nodeid.startswith(file) for file in _LONG])


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Have the garbage collector pass over what stays until the end, and come less often.

    Of 24 s of CPU it took 1.4; now 0.6.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Remove the folder, if we made it."""
    if _var().name.startswith(_PREFIX):
        shutil.rmtree(_var(), ignore_errors=True)


def _var() -> Path:
    return Path(os.environ["CARDGEN_VAR"])


def _remove_abandoned() -> None:
    """Remove the folders of sessions that were killed: nobody holds their lock."""
    for file in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/cardgen.lock"):
        # A young lock file may be one that its session has made and not locked yet.
        with contextlib.suppress(OSError):  # another user's, or gone meanwhile
            age = time.time() - file.stat().st_mtime
            if age > _YOUNG and (lock := ownership.acquire(file.parent)):
                with lock:
                    shutil.rmtree(file.parent)
