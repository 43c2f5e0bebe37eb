"""Tracebacks that Python itself writes when a program, a thread or a destructor fails: masked.

A library's error may quote a row: `DETAIL: Key (pan)=(…) already exists.`
"""

import sys
import threading
import traceback
from types import TracebackType
from typing import Any

from toolkit.masking import mask


def mask_tracebacks() -> None:
    """Have every traceback that nobody catches go through the mask, in this process."""
    sys.excepthook = _write
    threading.excepthook = lambda failed: _write_of(failed, f"Exception in {failed.thread}:")
    sys.unraisablehook = lambda failed: _write_of(failed, "Exception ignored:")


def _write(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None, head: str = ""
) -> None:
    lines = "".join(traceback.format_exception(kind, error, trace))
    sys.stderr.write(mask(f"{head}\n{lines}" if head else lines))


def _write_of(failed: Any, head: str) -> None:
    if failed.exc_type is not SystemExit and failed.exc_value is not None:
        _write(failed.exc_type, failed.exc_value, failed.exc_traceback, head)
