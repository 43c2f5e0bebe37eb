"""Run something many times at once, all starting at the same barrier."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def at_once(times: int, action: Callable[[int], T]) -> list[T | Exception]:
    """Call `action(0)` … `action(times - 1)` in threads of their own; return results or errors."""
    barrier = Barrier(times)

    def run(number: int) -> T | Exception:
        try:
            barrier.wait(timeout=30)
            return action(number)
        except Exception as error:  # noqa: BLE001 (handed to the test, which looks at it)
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def impatiently(action: Callable[[], T]) -> T | Exception:
    """Call `action()` in a thread whose connection waits for a lock for two seconds at most."""

    def act(_: int) -> T:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        return action()

    (outcome,) = at_once(1, act)
    return outcome
