"""`cardgen listen` as a person runs it: a real service delivers; Ctrl-C deletes the webhook."""

import json
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jobs.models import Webhook
from tests.support.commands import MANAGE
from tests.support.keys import create_key
from tests.support.processes import environment, reconciler, web, worker
from tests.support.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
ALLOWED = {"CARDGEN_WEBHOOK_NETWORKS": "127.0.0.1/32"}


@contextmanager
def listening(username: str, said: Path) -> Iterator[subprocess.Popen[bytes]]:
    # A suite run in the background ignores Ctrl-C, and its children would inherit that.
    command = ["env", "--default-signal=INT", *MANAGE, "listen", "--user", username]
    with (
        said.open("wb") as output,
        subprocess.Popen(
            command, env=environment(**ALLOWED), stdout=output, stderr=subprocess.PIPE
        ) as child,
    ):
        try:
            yield child
        finally:
            child.kill()


def order(address: str, key: str) -> str:
    """Order a job; return its ID."""
    request = urllib.request.Request(
        f"{address}/api/v1/cards/generate-async",
        data=b'{"scheme": "visa", "count": 100}',
        headers={"X-API-Key": key, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return str(json.load(response)["id"])


def test_a_job_is_seen_to_arrive_signed_and_ctrl_c_deletes_the_webhook(user, catalogue, tmp_path):
    said = tmp_path / "said"
    with (
        web(tmp_path / "web", **ALLOWED) as address,
        worker(tmp_path / "worker"),
        reconciler(tmp_path / "reconciler", **ALLOWED),
        listening(user.username, said) as child,
    ):
        wait_until(lambda: said.read_text().startswith("webhook.challenge\t"), seconds=60)
        job = order(address, create_key(user=user, name="listen"))
        wait_until(lambda: said.read_text().count("\n") == 2, seconds=60)
        child.send_signal(signal.SIGINT)
        errors = child.communicate(timeout=30)[1].decode()
    event, _, signed, body = said.read_text().splitlines()[1].split("\t")
    assert (event, signed) == ("job.finished", "signature right")
    assert (json.loads(body)["id"], json.loads(body)["status"]) == (job, "succeeded")
    assert (child.returncode, errors.splitlines()[-1]) == (0, "ended; the webhook is deleted")
    assert not Webhook.objects.exists()
