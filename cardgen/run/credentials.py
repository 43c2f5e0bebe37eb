"""The first administrator's password and key: shown to a person, never to a log."""

from pathlib import Path

from cardgen.access.first import FirstCredentials
from cardgen.run.console import Console
from toolkit.trusted import create_private

_FILE = "first-login.txt"


def told(made: FirstCredentials | None, console: Console, *, var: Path) -> list[tuple[str, str]]:
    """Return the lines that tell them, once: themselves on a terminal, else where they are.

    What is not a terminal is kept somewhere: by a container's log, by a service manager.

    :raises OSError: if the file cannot be written
    """
    if made is None:
        return []
    if not console.is_terminal:
        create_private(file := var / _FILE, _text(made))
        return [("login", f"user, password and API key are in {file}: read and delete it")]
    user = made.username
    another_key = f"cardgen create_api_key --user {user} --name NAME"
    return [
        ("user", user),
        ("password", f"{made.password}   shown once; another: cardgen changepassword {user}"),
        ("API key", f"{made.api_key}   shown once; another: {another_key}"),
    ]


def _text(made: FirstCredentials) -> str:
    return f"user {made.username}\npassword {made.password}\nAPI key {made.api_key}\n"
