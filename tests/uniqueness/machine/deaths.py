"""A process that dies between two statements."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from django.db import connection
from django.db.transaction import Atomic

NEVER = 10**9


class Died(BaseException):
    """Nothing handles this: the process is no more."""


@dataclass(slots=True)
class Fate:
    """Whether the process lived on."""

    died: bool = False


_make = Atomic.__init__


def _with_savepoint(self: Atomic, using: str | None, savepoint: bool, durable: bool) -> None:
    """A block without a savepoint breaks the run's transaction; in life it would be a whole one."""
    _make(self, using, True, durable)


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

    with (
        suppress(Died),
        connection.execute_wrapper(count),
        patch.object(Atomic, "__init__", _with_savepoint),
    ):
        yield fate
