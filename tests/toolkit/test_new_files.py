"""A file that a command writes is whole, or it is not there; none is lost."""

import os

import pytest
from django.core.management import CommandError

from toolkit.new_files import new_file, require_new


def write(path, text="new", *, force=False):
    with new_file(path, force=force) as file:
        file.write(text.encode())


def test_a_file_that_is_there_is_kept(tmp_path):
    path = tmp_path / "cards.csv"
    path.write_text("old")
    with pytest.raises(
        CommandError, match=r"cards.csv exists, .* --force .*, or another"
    ) as refused:
        write(path)
    assert (refused.value.returncode, path.read_text()) == (2, "old")


def test_one_flag_replaces_it(tmp_path):
    path = tmp_path / "cards.csv"
    write(path, "old")
    write(path, force=True)
    assert path.read_text() == "new"
    assert [one.name for one in tmp_path.iterdir()] == ["cards.csv"]


def write_while_another_does(path):
    with new_file(path, force=False) as file:
        path.write_text("of somebody else")
        file.write(b"new")


def test_one_that_came_meanwhile_is_kept(tmp_path):
    path = tmp_path / "cards.csv"
    with pytest.raises(CommandError, match="exists"):
        write_while_another_does(path)
    assert path.read_text() == "of somebody else"
    assert [one.name for one in tmp_path.iterdir()] == ["cards.csv"]


def test_what_lies_beside_it_is_kept(tmp_path):
    (tmp_path / "cards.csv.partial").write_text("of somebody else")
    write(tmp_path / "cards.csv")
    assert (tmp_path / "cards.csv.partial").read_text() == "of somebody else"


@pytest.mark.parametrize("force", [False, True])
def test_what_fails_leaves_nothing(tmp_path, force):
    with pytest.raises(ZeroDivisionError), new_file(tmp_path / "x", force=force):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_link_that_leads_nowhere_is_there_too(tmp_path):
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "none")
    with pytest.raises(CommandError, match="link exists"):
        require_new([link], force=False)


def test_a_device_is_written_to(tmp_path):
    device = tmp_path / "null"
    device.symlink_to(os.devnull)
    write(device)
    assert device.is_symlink()
