"""Django's LOGGING: all to the standard error stream, masked (cardgen.logs)."""

from typing import Any


def logging(*, level: str, as_json: bool) -> dict[str, Any]:
    """Return LOGGING with one handler for everything.

    :param level: of our own messages
    :param as_json: a JSON object a line; otherwise plain lines
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "cardgen.logs.MaskedFormatter", "as_json": as_json}},
        "handlers": {"stderr": {"class": "cardgen.logs.MaskedHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"level": "INFO"},
            # A client's mistake is answered, not logged; anybody can send a wrong Host header.
            "django.request": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "daphne": {"level": "WARNING"},
            "twisted": {"level": "WARNING"},  # it writes a line for each request
            "celery": {"level": "WARNING"},
        },
    }
