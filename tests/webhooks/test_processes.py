"""Real processes: a sender killed in the act, and a worker that sends by itself."""

import signal
import subprocess
import sys

import psutil
import pytest

from jobs import states, tasks
from jobs.models import Status
from jobs.webhooks import delivery
from tests.jobs.test_workers_killed import wait_until
from tests.processes import ROOT, environment, worker
from tests.webhooks.conftest import make_due, only

pytestmark = pytest.mark.django_db(transaction=True)
ALLOWED = {"CARDGEN_WEBHOOK_PRIVATE": "1"}
SEND = (
    "import django; django.setup(); from jobs.webhooks.delivery import deliver_due; deliver_due()"
)


def test_a_sender_killed_before_it_recorded_costs_a_second_message_with_the_same_id(
    webhook, submit, receiver
):
    states.move(submit(count=1).id, to=Status.CANCELLED)
    receiver.may_answer.clear()
    command = [sys.executable, "-c", SEND]
    with subprocess.Popen(command, cwd=ROOT, env=environment(**ALLOWED)) as sender:
        assert receiver.arrived.wait(30)
        sender.send_signal(signal.SIGKILL)
    receiver.may_answer.set()
    assert (only().state, only().attempts) == ("waiting", 1)
    assert delivery.deliver_due() == 0  # the lease of the dead still runs
    make_due()
    assert delivery.deliver_due() == 1
    assert (only().state, only().attempts) == ("delivered", 2)
    first, second = (request.headers["X-Cardgen-Delivery"] for request in receiver.requests)
    assert first == second


def test_a_worker_tells_of_a_job_as_soon_as_it_has_minted_it(webhook, submit, receiver, tmp_path):
    submit(count=100)
    tasks.ring_all()
    with worker(tmp_path / "worker.log", **ALLOWED) as process:
        wait_until(lambda: bool(receiver.requests), seconds=60)
        wait_until(lambda: only().state == "delivered", seconds=10)
        assert psutil.pid_exists(process.pid)
    assert b'"status":"succeeded"' in receiver.requests[0].body.replace(b": ", b":")
