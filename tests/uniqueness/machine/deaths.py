"""A process that dies between two statements."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from django.db import connection

NEVER = 10**9


class Died(BaseException):
    """Nothing handles this: the process is no more."""


@dataclass(slots=True)
class Fate:
    """Whether the process lived on."""

    died: bool = False


@contextmanager
def dying(after: int) -> Iterator[Fate]:
    """Die after so many statements; what was not committed by then is rolled back."""
    fate = Fate()
    done = 0

    def count(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        nonlocal done
        if sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            return execute(sql, *arguments)
        fate.died = done >= after
        if fate.died:
            raise Died
        done += 1
        return execute(sql, *arguments)

    with suppress(Died), connection.execute_wrapper(count):
        yield fate
