"""The first password is for a person at a terminal, and for nobody's log."""

import io
import stat

import pytest

from cardgen.access.first import FirstCredentials
from cardgen.run.console import Console
from cardgen.run.credentials import told

MADE = FirstCredentials(username="admin", password="Hunter2", api_key="cg_key")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_them(tmp_path):
    rows = dict(told(MADE, Console(Terminal()), var=tmp_path))
    assert rows["user"] == "admin"
    assert rows["password"].startswith("Hunter2 ")
    assert rows["API key"].startswith("cg_key ")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("there", [False, True])
def test_a_pipe_is_told_the_file_that_has_them(tmp_path, there):
    file = tmp_path / "first-login.txt"
    if there:
        file.write_text("older")
        file.chmod(0o644)
    ((_, line),) = told(MADE, Console(io.StringIO()), var=tmp_path)
    assert str(file) in line
    assert "Hunter2" not in line
    assert file.read_text() == "user admin\npassword Hunter2\nAPI key cg_key\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_nothing_is_told_where_nothing_was_made(tmp_path):
    assert told(None, Console(io.StringIO()), var=tmp_path) == []
