"""`cardgen listen`: messages are seen as they arrive, and who signed them is checked."""

from collections.abc import Iterator
from threading import Thread

import pytest

from jobs import states
from jobs.models import Event, Status, Webhook
from jobs.webhooks import Message, hooks, receiver
from tests.support.webhooks import deliver

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "0123456789abcdef"


@pytest.fixture
def arrived(user, loopback_allowed) -> Iterator[list[Message]]:
    """What the terminal is shown, of a webhook that points to it."""
    shown: list[Message] = []
    with receiver(port=0, secret=SECRET, shown=shown.append) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        hooks.register(owner=user, url=url, events=[Event.JOB_FINISHED], secret=SECRET)
        yield shown
        server.shutdown()


def test_the_challenge_is_answered_and_jobs_are_shown_as_genuine(arrived, submit):
    deliver()
    states.move(submit(count=1).id, to=Status.CANCELLED)
    deliver()
    assert [(one.event, one.genuine) for one in arrived] == [
        ("webhook.challenge", True), ("job.finished", True),
    ]  # fmt: skip
    assert Webhook.objects.get().verified_at is not None


def test_a_message_that_another_secret_signed_is_not_genuine(arrived, user):
    url = Webhook.objects.get().url
    Webhook.objects.all().delete()
    hooks.register(owner=user, url=url, events=[Event.JOB_FINISHED], secret="f" * 16)
    deliver()
    assert [one.genuine for one in arrived] == [False]
