"""What every test has: real servers (see tests/plugin.py)."""

import pytest

pytest_plugins = ["tests.fixtures"]


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to run against whatever servers happen to be there."""
    if not config.pluginmanager.has_plugin("tests.plugin"):
        raise pytest.UsageError("run 'make test', or 'python -m pytest -p tests.plugin'")
