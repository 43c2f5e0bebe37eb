"""The programs of `make run`, as others that start them are compared with."""

from django.conf import settings

from cardgen.run import applications


def words_of(name: str) -> list[str]:
    """How `make run` starts a program: its module and what follows."""
    (program,) = [
        one for one in applications(settings.VAR, listen=[], metrics=True) if one.name == name
    ]
    command = program.command
    return command[command.index("-m", command.index("-W")) + 1 :]
