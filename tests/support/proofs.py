"""Have proofs made that were asked for on a page."""

from threading import Event, Thread

from jobs.models import ProofRun
from jobs.proof.running import run_proofs
from jobs.proof.runs import latest
from tests.support.waiting import wait_until


def proven() -> ProofRun:
    """Have what is asked for made, as beside the reconciler, and return the last of it."""
    stop = Event()
    thread = Thread(target=run_proofs, kwargs={"stop": stop})
    thread.start()
    try:
        wait_until(lambda: not ProofRun.objects.filter(finished_at=None).exists())
    finally:
        stop.set()
        thread.join()
    found = latest()
    assert found is not None
    return found
