"""The most memory that any of some processes had, whenever somebody looked."""

from dataclasses import dataclass, field

import psutil

_MEBIBYTE = 1 << 20


@dataclass(slots=True)
class Peak:
    """The greatest resident set of the processes, in MiB."""

    processes: list[psutil.Process]
    mebibytes: float = field(default=0.0, init=False)

    def look(self) -> None:
        """Look at all of them now."""
        now = max(process.memory_info().rss for process in self.processes)
        self.mebibytes = max(self.mebibytes, now / _MEBIBYTE)


def children(word: str) -> list[psutil.Process]:
    """Find the processes of ours whose command has this word.

    :raises SystemExit: if there are none
    """
    found = [one for one in psutil.Process().children(recursive=True) if word in one.cmdline()]
    if not found:
        raise SystemExit(f"no process of this run is a {word}")
    return found
