"""What every test has: real servers (see tests/support/plugin.py)."""

import hypothesis
import pytest
from django.conf import settings

pytest_plugins = [
    "tests.support.forgetting",
    "tests.support.fixtures",
    "tests.support.certificates",
    "tests.support.webhooks",
]


# No test asserts a time, and a machine with other work is slow now and then.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to run against whatever servers happen to be there."""
    if not config.pluginmanager.has_plugin("tests.support.plugin"):
        raise pytest.UsageError("run 'make test', or 'python -m pytest -p tests.support.plugin'")
    # Web processes serve the files of pages. Each test client would look for them all, in 0.15 s.
    settings.SERVESTATIC_USE_FINDERS = settings.SERVESTATIC_USE_STATIC_ROOT = False
