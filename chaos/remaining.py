"""How long something will still take, if it goes on as it went."""

import time
from dataclasses import dataclass, field

_MINUTE = 60.0
_IN_SECONDS = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Counts from when it is made."""

    began: float = field(default_factory=time.monotonic)

    def left(self, *, done: float, of: float) -> str:
        """Say how long the rest takes; nothing if nothing is done, or all."""
        if not 0 < done < of:
            return ""
        seconds = (time.monotonic() - self.began) * (of - done) / done
        return f", about {in_words(seconds)} left"


def in_words(seconds: float) -> str:
    """Write a duration so that a person takes it in."""
    return f"{seconds:.0f} s" if seconds < _IN_SECONDS else f"{seconds / _MINUTE:.0f} minutes"
