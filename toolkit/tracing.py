"""What a log line is about: the request, the job and the chunk in hand, carried along by rows.

A job keeps the id of the request that ordered it; workers and the courier read it from there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

MOST_CHARACTERS = 64
_SUBJECTS: ContextVar[dict[str, str]] = ContextVar("subjects")


def subjects() -> dict[str, str]:
    """Return a copy of what is in hand: `request`, `job` and `chunk`, those that there are."""
    return dict(_SUBJECTS.get({}))


def request_id() -> str:
    """Return the id of the request in hand, empty outside of one."""
    return subjects().get("request", "")


@contextmanager
def about(**named: object) -> Iterator[None]:
    """Write these subjects beside every log line of the block; leave out empty ones."""
    before = _SUBJECTS.set(
        subjects() | {name: str(value) for name, value in named.items() if value}
    )
    try:
        yield
    finally:
        _SUBJECTS.reset(before)
