"""A folder per test for servers of its own."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def var() -> Iterator[Path]:
    """Give a VAR with a short path, as pytest's own temporary folders are long ones."""
    folder = Path(tempfile.mkdtemp(prefix="cg-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
