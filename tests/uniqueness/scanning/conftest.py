"""Tests share the process and the cache server, and roll back what they issue."""

import pytest

from uniqueness.cache.answers import forget_all


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """Forget the numbers of other tests."""
    forget_all()
