"""Secrets that are made once."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cardgen.embedded import master_key
from toolkit.trusted import create_private


def test_a_key_is_made_once_with_mode_0600(tmp_path: Path) -> None:
    key = master_key.load_or_create(tmp_path / "var")
    assert len(key) == 32
    assert master_key.load_or_create(tmp_path / "var") == key
    assert stat.S_IMODE((tmp_path / "var" / "master.key").stat().st_mode) == 0o600


def test_many_at_once_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: master_key.load_or_create(tmp_path), range(64)))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["master.key"]


@pytest.mark.parametrize("content", ["", "short", "g" * 64, "00" * 33])
def test_a_damaged_key_is_refused_and_kept(tmp_path: Path, content: str) -> None:
    path = tmp_path / "master.key"
    create_private(path, content)
    with pytest.raises(master_key.SecretDamaged, match="64 hexadecimal digits"):
        master_key.load_or_create(tmp_path)
    assert path.read_text() == content


def test_the_two_secrets_differ(tmp_path: Path) -> None:
    assert master_key.secret_key(tmp_path) != master_key.load_or_create(tmp_path).hex()
