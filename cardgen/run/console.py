"""What the person at the terminal sees: steps with ticks, and one stream of named log lines."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

_RESET, _DIM, _RED, _GREEN = "\033[0m", "\033[2m", "\033[31m", "\033[32m"
_CLEAR_LINE = "\r\033[K"
_COLOURS = {
    "postgres": "\033[34m",
    "valkey": "\033[31m",
    "web": "\033[32m",
    "worker": "\033[33m",
    "beat": "\033[35m",
    "reconciler": "\033[36m",
}
_NAME_WIDTH = 10
_LABEL_WIDTH = 48


class Console:
    """Writes to one text stream, from any thread; colours and live lines on a terminal only."""

    def __init__(self, out: TextIO, *, as_json: bool = False) -> None:
        """Write to `out`, usually standard error: standard output belongs to the ready line.

        :param as_json: what programs write, as one JSON object a line
        """
        self._out = out
        self._as_json = as_json
        self.is_terminal = out.isatty()
        self._lock = threading.RLock()
        self._live = ""

    def say(self, text: str = "") -> None:
        """Write a line above the live one."""
        with self._lock:
            clear = _CLEAR_LINE if self._live else ""
            self._out.write(f"{clear}{text}\n{self._live}")
            self._out.flush()

    def log(self, name: str, text: str) -> None:
        """Write one line of a program, with the time and its name before it."""
        if self._as_json:
            self.say(json.dumps({"program": name} | _event(text)))
            return
        moment = self.paint(_DIM, time.strftime("%H:%M:%S"))
        label = self.paint(_COLOURS.get(name, _DIM), f"{name:<{_NAME_WIDTH}}")
        self.say(f"{moment} {label} | {text}")

    @contextmanager
    def step(self, label: str, *, live: bool = True) -> Iterator[None]:
        """Tick off a step when its block ends, with how long it took.

        :param live: show it while it runs; not if something else writes to the terminal meanwhile
        """
        start = time.monotonic()
        self._show(f"  … {label}" if live and self.is_terminal else "")
        try:
            yield
        except BaseException:  # Ctrl-C and SystemExit end a step unfinished, too
            self._close(self.paint(_RED, "✗"), label, start)
            raise
        self._close(self.paint(_GREEN, "✓"), label, start)

    def _show(self, text: str) -> None:
        with self._lock:
            self._live = text
            self._out.write(text)
            self._out.flush()

    def _close(self, mark: str, label: str, start: float) -> None:
        with self._lock:
            self._out.write(_CLEAR_LINE if self._live else "")
            self._live = ""
        seconds = self.paint(_DIM, f"{time.monotonic() - start:6.1f} s")
        self.say(f"  {mark} {label:<{_LABEL_WIDTH}}{seconds}")

    def box(self, title: str, rows: list[tuple[str, str]]) -> None:
        """Write a titled block of names and values, between two rules."""
        rule = "─" * 76
        self.say(f"\n{rule}\n  {self.paint(_GREEN, title)}\n")
        for name, value in rows:
            self.say(f"  {self.paint(_DIM, f'{name:<11}')} {value}")
        self.say(f"{rule}\n")

    def paint(self, colour: str, text: str) -> str:
        """Return the text coloured, on a terminal."""
        return f"{colour}{text}{_RESET}" if self.is_terminal else text


def _event(text: str) -> dict[str, Any]:
    """Read what one of our programs wrote as JSON; a line of another one is an event itself."""
    try:
        event = json.loads(text)
    except ValueError:
        event = None
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return event if isinstance(event, dict) else {"timestamp": moment, "event": text}
