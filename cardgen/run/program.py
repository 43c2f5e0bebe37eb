"""What the supervisor is told of a program."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class Stage(IntEnum):
    """When a program stops: the higher the earlier, so that nothing loses what it stands on."""

    DATABASE = 0
    BROKER = 1
    APPLICATION = 2


@dataclass(frozen=True)
class Program:
    """A program to keep alive: its name in the log, its command, and how it stops."""

    name: str
    command: list[str]
    stage: Stage
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 5.0  # seconds from the signal to SIGKILL
    environment: Mapping[str, str] = field(default_factory=dict)
    once: bool = False  # ends by itself; it writes its progress to our standard error
    processes: int = 1  # how many of the same
    inherits: bool = False  # gets our inheritable descriptors: the listening socket
    sign: str = ""  # the line by which each process says that it serves; it is not shown
