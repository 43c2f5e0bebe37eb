"""Which answers are of today: a random number in the server that all entries are mixed with."""

import re
import secrets
import time
from collections.abc import Callable

from uniqueness.cache.fleet import CacheCommand, Fleet

KEY = b"cardgen:generation"
_SECONDS = 5.0  # for so long a process may not notice that another one renewed it
_FORM = re.compile(rb"[0-9a-f]{16}")
# Whatever else stands there, of whatever type, would keep all processes from the server for ever.
_READ_OR_MAKE = """
local found = redis.pcall('GET', KEYS[1])
if type(found) == 'string' and #found == 16 and string.match(found, '^[0-9a-f]+$') then
  return found
end
redis.call('SET', KEYS[1], ARGV[1])
return ARGV[1]
"""


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
            words = ("EVAL", _READ_OR_MAKE, 1, KEY, _fresh())
            self._learn(self._fleet.send([CacheCommand(KEY, words)])[0])
        return self._number

    def renew(self) -> bool:
        """Put a new number into the server, and say whether it is there."""
        number = _fresh()
        told = self._fleet.send([CacheCommand(KEY, ("SET", KEY, number))])[0] is not None
        self._learn(number.encode() if told else None)
        return told

    def _learn(self, text: object) -> None:
        self._until = time.monotonic() + _SECONDS
        known = isinstance(text, bytes) and _FORM.fullmatch(text)
        self._number = int(known[0], 16) if known else None
        if self._number not in (None, self._last_known):
            self._changed()
            self._last_known = self._number


def _fresh() -> str:
    return secrets.token_hex(8)
