"""Real processes: a sender killed in the act, and the reconciler that sends."""

import signal
import subprocess
import sys

import pytest

from jobs import states
from jobs.models import Status
from tests.support.processes import ROOT, environment, reconciler
from tests.support.waiting import wait_until
from tests.support.webhooks import deliver, make_due, only
from tests.support.work import NOBODY, hung_up

pytestmark = pytest.mark.django_db(transaction=True)
ALLOWED = {"CARDGEN_WEBHOOK_NETWORKS": "127.0.0.1/32"}
SEND = "import django; django.setup(); from tests.support.webhooks import deliver; deliver()"


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
    assert deliver() == 0  # the lease of the dead still runs
    make_due()
    assert deliver() == 1
    assert (only().state, only().attempts) == ("delivered", 2)
    first, second = (request.headers["X-Cardgen-Delivery"] for request in receiver.requests)
    assert first == second


def test_the_reconciler_tells_without_a_broker_and_survives_lost_connections(
    webhook, submit, receiver, tmp_path
):
    with reconciler(tmp_path / "log", **ALLOWED, **NOBODY):
        for _ in range(2):
            submit(count=100)
            wait_until(lambda: bool(receiver.requests), seconds=60)
            body = receiver.requests.pop().body
            assert b'"status":"succeeded"' in body.replace(b": ", b":")
            hung_up()


def test_a_reconciler_ends_though_a_host_hangs(webhook, submit, receiver, tmp_path):
    states.move(submit(count=1).id, to=Status.CANCELLED)
    receiver.may_answer.clear()
    with reconciler(tmp_path / "log", **ALLOWED, **NOBODY) as process:
        assert receiver.arrived.wait(30)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert not (tmp_path / "log").read_text()
