"""How long something takes, and how often it can be done."""

import time
from collections.abc import Callable


def seconds(action: Callable[[], object]) -> float:
    """Do it once, and tell how long that took."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def rate(action: Callable[[], object], *, each: int, lasting: float) -> float:
    """Do it again and again for some seconds, or once; tell how many a second that gives.

    :param each: how many one call gives
    """
    started, done, passed = time.perf_counter(), 0, 0.0
    while not done or passed < lasting:
        action()
        done += each
        passed = time.perf_counter() - started
    return done / passed
