"""How any command ends that does not say so itself: one line and an exit code, no traceback."""

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from toolkit.database import AWAY
from toolkit.exit_codes import ExitCode
from toolkit.last_words import mask_tracebacks
from toolkit.masking import mask

_NO_TEXT = "surrogates not allowed"  # how Python hands on such bytes of an argument
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def run(action: Callable[[], object]) -> int:
    """Do it, and return the exit code; say on standard error what went wrong."""
    mask_tracebacks()
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115 (started with >&-)
    try:
        action()
        sys.stdout.flush()
    except (ImproperlyConfigured, UnicodeEncodeError) as error:
        return _say(_mistake(error), ExitCode.BAD_REQUEST)
    except AWAY as error:
        return _say(told(error), ExitCode.REFUSED)
    except KeyboardInterrupt:
        return _say("interrupted", ExitCode.INTERRUPTED)
    except BrokenPipeError:
        _give_up_output()
        return ExitCode.OUTPUT_CLOSED
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise
        _give_up_output()
        return _say(f"The output cannot be written: {error.strerror}", ExitCode.REFUSED)
    return ExitCode.DONE


def told(error: Exception) -> str:
    """Say what became of the database. Only the first line: the others may quote a row."""
    first = str(error).partition("\n")[0]
    if getattr(error.__cause__ or error, "sqlstate", None):
        return f"The database gave up: {first}"
    hint = "Start cardgen with `make run` in another terminal, or set DATABASE_URL."
    return f"The database does not answer: {first}\n{hint}"


def _mistake(error: ImproperlyConfigured | UnicodeEncodeError) -> str:
    if isinstance(error, ImproperlyConfigured):
        return f"The configuration is wrong: {error}. See docs/configuration.md."
    if error.reason != _NO_TEXT:
        raise error
    return "An argument has bytes that are no text: write it in UTF-8."


def _say(text: str, code: ExitCode) -> ExitCode:
    sys.stderr.write(f"{mask(text)}\n")
    return code


def _give_up_output() -> None:
    """Let nothing more go to stdout: Python flushes it once again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
