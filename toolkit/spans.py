"""Spans of OpenTelemetry: what took how long, from a request to the chunks that it led to.

Off, all of this is one comparison with None. On, whoever records them is handed in (`record_with`):
nothing here needs OpenTelemetry to be installed. What stands in a span: routes, ids and counts; no
card number, key, person or text of a client, and no message of an exception.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Value = str | int
TRACE_PARENT_LENGTH = 55
"""Characters of a `traceparent` (W3C Trace Context)."""


class Span(Protocol):
    """One thing that takes a while."""

    def rename(self, name: str) -> None:
        """Name it anew."""

    def tell(self, attributes: Mapping[str, Value]) -> None:
        """Write down more of it."""


class Recorder(Protocol):
    """Whoever records spans."""

    def span(
        self, name: str, *, kind: str, parent: str, attributes: Mapping[str, Value]
    ) -> AbstractContextManager[Span]:
        """Record what the block does, as part of `parent`, or of the span around it."""

    def trace_parent(self) -> str:
        """Return the span around, as `traceparent`; empty outside of one."""


class _Nothing:
    """A span that nobody records."""

    def rename(self, name: str) -> None:
        pass

    def tell(self, attributes: Mapping[str, Value]) -> None:
        pass


_NOTHING = _Nothing()
_recorder: Recorder | None = None


def record_with(recorder: Recorder | None) -> None:
    """Have this recorder record all spans of the process; None: nobody."""
    global _recorder  # noqa: PLW0603 (one for the process)
    _recorder = recorder


@contextmanager
def span(
    name: str, *, kind: str = "internal", parent: str = "", **attributes: Value
) -> Iterator[Span]:
    """Record what the block does.

    :param kind: internal, server or consumer (OpenTelemetry: SpanKind)
    :param parent: a `traceparent` that came from elsewhere; empty: the span around
    """
    if _recorder is None:
        yield _NOTHING
        return
    with _recorder.span(name, kind=kind, parent=parent, attributes=attributes) as found:
        yield found


def trace_parent() -> str:
    """Return the span in hand as `traceparent`, to be kept with what goes on elsewhere."""
    return "" if _recorder is None else _recorder.trace_parent()
