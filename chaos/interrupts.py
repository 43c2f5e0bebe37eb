"""Whatever asks a run to end is a Ctrl-C, and there is one of them."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def as_one() -> Iterator[None]:
    """Raise KeyboardInterrupt at the first such signal of a block, and pay no heed to others then.

    A second one would end the tidying up: a terminal sends Ctrl-C to parent and children, and the
    parent tells its children too. Signals that were ignored before, as by nohup, stay so.
    """
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    ours = {number: old for number, old in handlers.items() if old is not signal.SIG_IGN}
    for number in ours:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number, handler in ours.items():
            signal.signal(number, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
