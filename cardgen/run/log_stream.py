"""From the bytes that programs write to whole, named lines on one console, masked.

PostgreSQL and Valkey know no mask; our own programs write what they have masked themselves.
"""

from collections.abc import Callable, Mapping

from cardgen.run.console import Console
from toolkit.masking import mask

_LONGEST = 64 * 1024
# Said at every start and stop, of use to nobody. Anything unknown is shown.
_NOISE = (
    "LOG:  starting PostgreSQL",
    "LOG:  listening on Unix socket",
    "LOG:  database system was shut down at",
    "LOG:  database system is ready to accept connections",
    "LOG:  received fast shutdown request",
    "LOG:  aborting any active transactions",
    'LOG:  background worker "logical replication launcher"',
    "LOG:  shutting down",
    "LOG:  database system is shut down",
    "WARNING Memory overcommit must be enabled",
    "Received SIGTERM scheduling shutdown",
    "Valkey is now ready to exit",
)


class LogStream:
    """A circus stream: called with each piece a program writes; says whole lines."""

    def __init__(
        self,
        name: str,
        console: Console,
        *,
        sign: str = "",
        heard: Callable[[int], None] = lambda _pid: None,
    ) -> None:
        """Say lines on `console` under `name`, but tell `heard` who has written the `sign`."""
        self._name = name
        self._console = console
        self._sign, self._heard = sign, heard
        self._rest: dict[tuple[int, str], bytes] = {}

    def __call__(self, piece: Mapping[str, object]) -> None:
        """Take a piece; a line may come in several, and two programs' pieces may alternate."""
        data, pid = piece["data"], piece["pid"]
        if not isinstance(data, bytes) or not isinstance(pid, int):
            return
        key = (pid, str(piece["name"]))
        *lines, rest = (self._rest.pop(key, b"") + data).split(b"\n")
        if len(rest) > _LONGEST:
            lines, rest = [*lines, rest], b""
        if rest:
            self._rest[key] = rest
        for line in lines:
            if self._sign and line == self._sign.encode():
                self._heard(pid)
            else:
                self._say(line)

    def close(self) -> None:
        """Say what came without a line end; circus calls this when it stops the program."""
        for rest in self._rest.values():
            self._say(rest)
        self._rest.clear()

    def _say(self, line: bytes) -> None:
        text = line.decode("utf-8", errors="replace").rstrip()
        if text and not any(noise in text for noise in _NOISE):
            self._console.log(self._name, mask(text))
