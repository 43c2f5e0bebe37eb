"""How long something takes, and how often it can be done."""

import time
from collections.abc import Callable


def seconds(action: Callable[[], object]) -> float:
    """Do it once, and tell how long that took."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def rate(action: Callable[[], object], *, each: int, lasting: float) -> float:
    """Do it again and again for some seconds; tell how many a second that gives.

    :param each: how many one call gives
    """
    done, started = 0, time.perf_counter()
    while (passed := time.perf_counter() - started) < lasting:
        action()
        done += each
    return done / passed
