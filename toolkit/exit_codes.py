"""The exit codes of every command, told in docs/commands.md."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended.

    What the caller wrote wrongly is `BAD_REQUEST`: no state of the system would take it. What was
    written well, but cannot be done as things are, is `REFUSED`.
    """

    DONE = 0
    FAILED = 1
    """It was done, and the result is bad: a job failed, a check found something."""
    BAD_REQUEST = 2
    REFUSED = 3
    BAD_LINES = 4
    """Lines of a file are bad, none was to be left out, and so nothing was changed."""
    INTERRUPTED = 130
    OUTPUT_CLOSED = 141
    """What a shell says of a program that SIGPIPE ended."""
