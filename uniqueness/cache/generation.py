"""Which answers are of today: a random number in the server that all entries are mixed with."""

import re
import secrets
import time
from collections.abc import Callable

from uniqueness.cache.fleet import Command, Fleet

KEY = b"cardgen:generation"
_SECONDS = 5.0  # for so long a process may not notice that another one renewed it
_FORM = re.compile(rb"[0-9a-f]{16}")


class Generation:
    """The number as this process knows it, read again every few seconds.

    It is random and not counted: a wiped server must not come back to an old number.

    :param changed: called when another number is found than before
    """

    def __init__(self, *, fleet: Fleet, changed: Callable[[], None]) -> None:
        self._fleet = fleet
        self._changed = changed
        self._number: int | None = None
        self._last_known: int | None = None
        self._until = 0.0

    def current(self) -> int | None:
        """Return the number (64 bits); None if the server does not tell."""
        if time.monotonic() >= self._until:
            made = ("SET", KEY, _fresh(), "NX")
            self._learn(self._fleet.send([Command(KEY, made), Command(KEY, ("GET", KEY))])[1])
        return self._number

    def renew(self) -> bool:
        """Put a new number into the server, and say whether it is there."""
        number = _fresh()
        told = self._fleet.send([Command(KEY, ("SET", KEY, number))])[0] is not None
        self._learn(number.encode() if told else None)
        return told

    def _learn(self, text: bytes | None) -> None:
        self._until = time.monotonic() + _SECONDS
        self._number = int(text, 16) if text and _FORM.fullmatch(text) else None
        if self._number not in (None, self._last_known):
            if self._last_known is not None:
                self._changed()
            self._last_known = self._number


def _fresh() -> str:
    return secrets.token_hex(8)
