"""Log lines of every process: structured, about a request and a job, and without a card number."""

import logging
import logging.config
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from toolkit.last_words import mask_tracebacks
from toolkit.masking import mask

LISTENS = "The web process takes connections."
"""What a web process writes on its standard output; `make run` waits for it."""

_HEAD = ("timestamp", "level", "logger", "event", "exception")
_COPIES = ("message", "asctime")
"""What another formatter may have left on a record."""
_NUMBERS = (int, float, bool, type(None))
Event = MutableMapping[str, Any]


def configure(settings: dict[str, Any]) -> None:
    """Set logging up (Django's LOGGING_CONFIG): every process comes through here."""
    logging.config.dictConfig(settings)
    mask_tracebacks()


class MaskedHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes lines; one that cannot be written is told of without what it would have said."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        """Name the fault and where the line came from: Python would quote its arguments."""
        kind = sys.exc_info()[0]
        told = kind.__name__ if kind else "an error"
        sys.stderr.write(f"a log line of {record.pathname}:{record.lineno} was lost: {told}\n")


def formatter(*, as_json: bool) -> structlog.stdlib.ProcessorFormatter:
    """Make the formatter of all loggers, libraries' too: an event, its values, then one line.

    :param as_json: one JSON object a line, else text to be read
    """
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            masked,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer() if as_json else as_line,
        ],
    )


def masked(_logger: object, _method: str, event: Event) -> Event:
    """Mask every value of an event, tracebacks too (a structlog processor)."""
    return {mask(name): _masked(value) for name, value in event.items() if name not in _COPIES}


def _masked(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {mask(str(name)): _masked(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(inner) for inner in value]
    text = mask(str(value))
    return value if isinstance(value, _NUMBERS) and text == str(value) else text


def as_line(_logger: object, _method: str, event: Event) -> str:
    """Write an event to be read: time, level, logger, words, `name=value`; then the traceback."""
    words = [event["timestamp"], event["level"].upper(), event["logger"], _one_line(event["event"])]
    words += [f"{name}={_one_line(event[name])}" for name in sorted(event) if name not in _HEAD]
    line = " ".join(map(str, words))
    return f"{line}\n{event['exception']}" if event.get("exception") else line


def _one_line(value: object) -> str:
    """Escape whatever would begin another line or move a cursor."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in str(value)
    )
