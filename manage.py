#!/usr/bin/env python
"""Django's command line for cardgen. How any command ends that does not say so itself is here."""

import errno
import os
import sys
from pathlib import Path

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import InterfaceError, OperationalError

BAD_REQUEST, REFUSED, INTERRUPTED = 2, 3, 130
OUTPUT_CLOSED = 141  # what a shell says of a program that SIGPIPE ended
_NO_DATABASE = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
_OUTPUT_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def main() -> int:
    """Run a command; return its exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cardgen.settings")
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115 (started with >&-)
    try:
        execute_from_command_line(sys.argv)
        sys.stdout.flush()
    except ImproperlyConfigured as error:
        return _say(f"The configuration is wrong: {error}. See docs/configuration.md.", BAD_REQUEST)
    except _NO_DATABASE as error:
        return _say(_told(error), REFUSED)
    except KeyboardInterrupt:
        return _say("interrupted", INTERRUPTED)
    except BrokenPipeError:
        _give_up_output()
        return OUTPUT_CLOSED
    except OSError as error:
        if error.errno not in _OUTPUT_FULL:
            raise
        _give_up_output()
        return _say(f"The output cannot be written: {error.strerror}", REFUSED)
    return 0


def _told(error: Exception) -> str:
    """Say what became of the database. Only the first line: the others may quote a row."""
    first = str(error).partition("\n")[0]
    if getattr(error.__cause__ or error, "sqlstate", None):
        return f"The database gave up: {first}"
    hint = "Start cardgen with `make run` in another terminal, or set DATABASE_URL."
    return f"The database does not answer: {first}\n{hint}"


def _say(text: str, code: int) -> int:
    sys.stderr.write(f"{text}\n")
    return code


def _give_up_output() -> None:
    """Let nothing more go to stdout: Python flushes it once again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
