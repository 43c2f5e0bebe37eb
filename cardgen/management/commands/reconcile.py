"""Look for lost work, for ever."""

import signal
from threading import Event

from django.conf import settings

from cardgen.anomalies import looking as anomalies
from jobs import proof, reconciler, work
from jobs.models import Role
from toolkit.commands import OperatorCommand
from uniqueness.pool import recording


class Command(OperatorCommand):
    """Writes nothing but its log, to stderr."""

    help = (
        "Take back what dead workers held, and wake workers for work that nobody does; without a"
        " broker, do it here. Sends webhooks, makes the proofs that a page asked for and looks for"
        " anomalies beside. Runs until SIGTERM or Ctrl-C. Any number of them are harmless."
    )

    def handle(self, *_: object, **__: object) -> None:
        """Run until told to stop; a chunk in hand is finished first."""
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        work.keep_beating(Role.RECONCILER)
        beside = [anomalies.run, recording.run, proof.run_proofs]
        reconciler.run(every=settings.CARDGEN_RECONCILE_SECONDS, stop=stop, beside=beside)
