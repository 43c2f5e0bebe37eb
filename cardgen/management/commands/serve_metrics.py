"""Answer Prometheus, for ever."""

import signal
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from cardgen import metrics
from toolkit.commands import OperatorCommand
from toolkit.exit_codes import ExitCode


class Command(OperatorCommand):
    """Writes nothing but its log, to stderr."""

    help = "Serve /metrics for Prometheus where CARDGEN_METRICS says, until SIGTERM or Ctrl-C."

    def handle(self, *_: Any, **__: Any) -> None:
        """Run until told to stop."""
        if settings.CARDGEN_METRICS is None:
            raise CommandError(
                "Set CARDGEN_METRICS=127.0.0.1:9464 (the address to serve at)",
                returncode=ExitCode.BAD_REQUEST,
            )
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        host, port = settings.CARDGEN_METRICS
        try:
            metrics.serve(host=host, port=port, stop=stop)
        except OSError as error:
            told = f"{host}:{port}: {error.strerror}"
            raise CommandError(told, returncode=ExitCode.REFUSED) from None
