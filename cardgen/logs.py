"""Log lines of every process: structured, about a request and a job, and without a card number."""

import logging
import logging.config
import sys
from collections.abc import Mapping
from copy import copy
from typing import Any

from django.http import HttpRequest
from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from toolkit.last_words import mask_tracebacks
from toolkit.masking import mask
from toolkit.tracing import subjects

LISTENS = "The web process takes connections."
"""What a web process writes on its standard output; `make run` waits for it."""

_OWN = ("timestamp", "level", "logger", "event", "exception")
"""A line's own fields: no extra value may stand in their place."""
_NAMES = {"message": "event", "levelname": "level", "name": "logger"}
_MISTAKES = "django.security."
_NUMBERS = (int, float, bool, type(None))
Event = dict[str, Any]


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


class MaskedFormatter(JsonFormatter):
    """Makes the line of all loggers, libraries' too: an event, its values, and all of it masked."""

    def __init__(self, *, as_json: bool) -> None:
        """Choose the form.

        :param as_json: one JSON object a line, else text to be read
        """
        super().__init__(
            list(_NAMES),
            rename_fields=_NAMES | {"exc_info": "exception"},
            reserved_attrs=[*RESERVED_ATTRS, *_OWN],
            timestamp=True,
        )
        self.as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Take whatever is logged as words: the library would make fields of a dict."""
        worded = _told_of_requests(copy(record))
        worded.msg, worded.args = record.getMessage(), ()
        return super().format(worded)

    def process_log_record(self, log_data: Event) -> Event:
        """Say what the line is about; mask every name and value, but not the time."""
        moment = log_data.pop("timestamp").replace(tzinfo=None).isoformat(timespec="microseconds")
        event = subjects() | log_data | {"level": log_data["level"].lower()}
        masked = {mask(str(name)): _masked(value) for name, value in event.items()}
        return masked | {"timestamp": f"{moment}Z"}

    def jsonify_log_record(self, log_data: Event) -> str:
        """Write an event in the form that was chosen."""
        return super().jsonify_log_record(log_data) if self.as_json else _as_line(log_data)


def _told_of_requests(record: logging.LogRecord) -> logging.LogRecord:
    """Name a request by its method and path: a query has values that people typed.

    What a client may not ask is their mistake: where our code found it helps nobody.
    """
    request = getattr(record, "request", None)
    if isinstance(request, HttpRequest):
        record.request = f"{request.method} {request.path}"
    if record.name.startswith(_MISTAKES):
        record.exc_info = record.exc_text = None
    return record


def _masked(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {mask(str(name)): _masked(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(inner) for inner in value]
    text = mask(str(value))
    return value if isinstance(value, _NUMBERS) and text == str(value) else text


def _as_line(event: Event) -> str:
    """Write an event to be read: time, level, logger, words, `name=value`; then the traceback."""
    words = [event["timestamp"], event["level"].upper(), event["logger"], _one_line(event["event"])]
    words += [f"{name}={_one_line(event[name])}" for name in sorted(event) if name not in _OWN]
    line = " ".join(map(str, words))
    return f"{line}\n{event['exception']}" if event.get("exception") else line


def _one_line(value: object) -> str:
    """Escape whatever would begin another line or move a cursor."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in str(value)
    )
