"""`manage.py run`: everything, in one terminal."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from cardgen.run import serve
from toolkit.commands import OperatorCommand


class Command(OperatorCommand):
    """Start servers, web, worker, beat and reconciler; serve until interrupted."""

    help = "Start everything and serve until interrupted (Ctrl-C); needs nothing but this machine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the wished port and the size of the sample job."""
        parser.add_argument("--port", type=int, default=8000, help="wished port (default 8000)")
        parser.add_argument(
            "--first-job",
            type=int,
            default=100_000,
            metavar="CARDS",
            help="cards of the sample job at the first start; 0 for none (default 100,000)",
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Serve; the exit code says how it ended."""
        port, first_job = options["port"], options["first_job"]
        sys.exit(serve(var=settings.VAR, port=port, first_job=first_job))
