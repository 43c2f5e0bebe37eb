"""A writer that wants every large table again and again, and notes how long it had to wait."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from django.db import connections

_PAUSE = 0.005


@dataclass(slots=True)
class Wait:
    """The longest wait of a block, in seconds; final when the block has ended."""

    seconds: float = 0.0


class Writer(threading.Thread):
    """Takes, in turn, the lock that each INSERT takes (ROW EXCLUSIVE), and gives it back."""

    def __init__(self, tables: Sequence[str]) -> None:
        super().__init__(daemon=True)
        self._tables = tables
        self._longest, self._rounds = 0.0, 0
        self._ended = threading.Event()

    def run(self) -> None:
        """Go round until told to end."""
        with closing(connections["owner"]) as mine:
            mine.ensure_connection()
            while not self._ended.is_set():
                for table in self._tables:
                    began = time.perf_counter()
                    with mine.connection.transaction():
                        mine.connection.execute(f"LOCK TABLE {table} IN ROW EXCLUSIVE MODE")
                    self._longest = max(self._longest, time.perf_counter() - began)
                self._rounds += 1
                time.sleep(_PAUSE)

    def end(self) -> None:
        """Stop writing."""
        self._ended.set()
        self.join()

    @contextmanager
    def watched(self) -> Iterator[Wait]:
        """Tell how long it waited at most while the block ran; who waits at the end counts."""
        self._await_round()
        self._longest = 0.0
        found = Wait()
        yield found
        self._await_round()
        found.seconds = self._longest

    def _await_round(self) -> None:
        """Wait until a round that began after now has ended."""
        goal = self._rounds + 2
        while self._rounds < goal and self.is_alive():
            time.sleep(_PAUSE)
