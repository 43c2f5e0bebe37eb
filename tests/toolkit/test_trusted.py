"""Files that others could have read or changed are refused."""

import os
import stat

import pytest

from toolkit.trusted import Untrusted, create_private, read_secret, require_own

NOBODY = 65_534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret"
    create_private(path, "  Hunter2 \n")
    return path


def test_a_secret_is_read_without_its_line_end(secret):
    assert read_secret(secret) == "  Hunter2 "


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o606, 0o620])
def test_a_secret_that_others_may_read_or_write_is_refused(secret, mode):
    secret.chmod(mode)
    with pytest.raises(Untrusted, match="chmod"):
        read_secret(secret)


@as_root
def test_a_secret_of_another_user_is_refused_unless_the_user_is_one_of_ours(secret):
    os.chown(secret, NOBODY, NOBODY)
    with pytest.raises(Untrusted, match=r"another user \(uid 65534\)"):
        read_secret(secret)
    assert read_secret(secret, owners=[NOBODY])


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777, 0o1777])
def test_a_folder_in_which_others_may_write_is_refused(tmp_path, mode):
    tmp_path.chmod(mode)
    with pytest.raises(Untrusted, match="chmod go-w"):
        require_own(tmp_path)


def test_a_folder_of_ours_and_one_that_is_not_there_are_all_right(tmp_path):
    tmp_path.chmod(0o755)
    require_own(tmp_path)
    require_own(tmp_path / "not there")


@as_root
def test_a_folder_of_another_user_is_refused(tmp_path):
    os.chown(tmp_path, NOBODY, NOBODY)
    with pytest.raises(Untrusted, match="another user"):
        require_own(tmp_path)


def test_what_is_created_is_ours_alone_whatever_was_there(tmp_path):
    path = tmp_path / "file"
    path.symlink_to(tmp_path / "elsewhere")
    create_private(path, "x")
    assert (path.is_symlink(), (tmp_path / "elsewhere").exists()) == (False, False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
