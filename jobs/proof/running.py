"""Make the proofs that were asked for, in a thread beside the reconciler: never in a request.

The proof reads all of its rows in one transaction, so how far it is comes from another connection.
"""

import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

from django.db import connection

from jobs.models import ProofRun
from jobs.proof import runs
from jobs.proof.proving import prove
from jobs.proof.report import as_dict, lines, what_to_do
from toolkit.refusals import Refusal, UnsafeToGoOn
from uniqueness.proof.scope import Extent

_LOOK_SECONDS = 1.0
_BEAT_SECONDS = 0.5
logger = logging.getLogger(__name__)


class _Stopped(Exception):
    """Whoever wanted the proof is gone."""


class _Maker(Thread):
    """Makes one proof, with a connection of its own; others look how far it is."""

    def __init__(self, run: ProofRun) -> None:
        super().__init__(name="proof", daemon=True)  # a count may take minutes
        self._run, self._stopped = run, False
        self.done = self.total = 0
        self.report: dict[str, Any] | None = None
        self.trouble = ""

    def run(self) -> None:
        """Prove, and keep the report or the trouble."""
        try:
            found = prove(scope=Extent(owner=self._run.job), threads=1, progress=self._note)
            told = {"told": list(lines(found)), "what_to_do": ""}
            if found.failed:
                told["what_to_do"] = what_to_do(found)
            self.report = as_dict(found) | told
        except (Refusal, UnsafeToGoOn) as error:
            self.trouble = str(error)
        except Exception as error:  # noqa: BLE001 (whatever it is, the page says that there is none)
            # The driver's message may quote a row.
            self.trouble = f"The proof ended before its end ({type(error).__name__})."
        finally:
            connection.close()

    def stop(self) -> None:
        """Have it end at its next block."""
        self._stopped = True

    def _note(self, done: int, total: int) -> None:
        if self._stopped:
            raise _Stopped
        self.done, self.total = done, total


def run_proofs(*, stop: Event) -> None:
    """Make what is asked for until told to stop; what is then under way is begun anew elsewhere."""
    while not stop.wait(_LOOK_SECONDS):
        _tried(lambda: _make_next(stop))
    connection.close()


def _make_next(stop: Event) -> None:
    run = runs.take()
    if run is None:
        return
    maker = _Maker(run)
    maker.start()
    try:
        while maker.is_alive() and not stop.is_set():
            maker.join(_BEAT_SECONDS)
            runs.beat(run, done=maker.done, total=maker.total)
        if not maker.is_alive():
            runs.finish(run, report=maker.report, trouble=maker.trouble)
    finally:
        maker.stop()


def _tried(action: Callable[[], object]) -> None:
    """Do it; whatever fails is tried again."""
    try:
        action()
    except Exception as error:  # noqa: BLE001 (a proof must not end the thread for all others)
        logger.warning("proofs: %s, tries again", type(error).__name__)
        connection.close()
