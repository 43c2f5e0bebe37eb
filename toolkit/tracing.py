"""What a log line is about: the request, the job and the chunk in hand, carried along by rows.

A job keeps the id of the request that ordered it; workers and the courier read it from there.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from structlog.contextvars import bound_contextvars, get_contextvars

MOST_CHARACTERS = 64


def request_id() -> str:
    """Return the id of the request in hand, empty outside of one."""
    return str(get_contextvars().get("request", ""))


@contextmanager
def about(**subjects: object) -> Iterator[None]:
    """Write these subjects beside every log line of the block; leave out empty ones."""
    with bound_contextvars(**{name: str(value) for name, value in subjects.items() if value}):
        yield
