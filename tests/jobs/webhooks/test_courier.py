"""Who is sent to, and when: a host that hangs costs its owner a turn and nobody else anything."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from threading import Thread

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.utils import timezone

from jobs import states
from jobs.models import Delivery, Job, Status, Webhook
from jobs.webhooks import courier, delivery, sending
from jobs.webhooks.courier import Courier
from jobs.work import bell
from tests.support.webhooks import register

HOLES = 9


@pytest.fixture
def holes(loopback_allowed) -> Iterator[list[str]]:
    """Hosts that let one in and say nothing."""
    with ExitStack() as stack:
        servers = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(HOLES)
        ]
        yield [f"http://127.0.0.1:{server.getsockname()[1]}/" for server in servers]


@pytest.fixture
def patient(monkeypatch) -> None:
    """Whoever hangs does so for as long as the test lasts."""
    monkeypatch.setattr(sending, "SECONDS", 60.0)


@pytest.fixture
def end(submit) -> Callable[..., None]:
    """Have jobs of an owner end."""

    def end_jobs(*, of: User, count: int = 1) -> None:
        for _ in range(count):
            job = submit(count=1)
            Job.objects.filter(id=job.id).update(owner=of)
            states.move(job.id, to=Status.CANCELLED)

    return end_jobs


def deliver_to(webhook: Webhook) -> None:
    """Go on until the webhook has been sent all it is to be sent."""
    sender = Courier()
    waiting = Delivery.objects.filter(webhook=webhook, state="waiting")
    while waiting.exists():
        sender.send_due()
        sender.record_back(within=30)


def under_way(**of: object) -> int:
    return Delivery.objects.filter(state="waiting", attempts=1, **of).count()


def test_hosts_that_hang_keep_no_other_owner_waiting(
    holes, receiver, user, other_user, end, patient
):
    for hole in holes:
        register(user, hole)
    other = register(other_user, receiver.url)
    end(of=user, count=6)
    end(of=other_user)
    deliver_to(other)
    assert len(receiver.requests) == 1
    assert under_way(webhook__owner=user) == courier.MOST_OF_OWNER


def test_a_host_has_four_under_way_whoever_owns_them(
    holes, receiver, user, other_user, end, patient
):
    for owner in (user, other_user):
        register(owner, f"{holes[0]}{owner.pk}")
    other = register(other_user, receiver.url)
    end(of=user, count=6)
    end(of=other_user, count=6)
    deliver_to(other)
    assert len(receiver.requests) == 6
    assert under_way() == courier.MOST_OF_HOST
    assert under_way(webhook__owner=other_user) == courier.MOST_OF_HOST / 2


def test_hosts_that_hang_keep_the_owners_own_others_waiting_for_a_turn_only(
    holes, receiver, user, end, monkeypatch
):
    monkeypatch.setattr(sending, "SECONDS", 0.3)
    for hole in holes:
        register(user, hole)
    good = register(user, receiver.url)
    end(of=user, count=5)
    Delivery.objects.exclude(webhook=good).update(not_before=timezone.now() - timedelta(hours=1))
    sender = Courier()
    sender.send_due()
    while not receiver.requests:
        sender.record_back(within=30)
        sender.send_due()
    assert under_way() <= 2 * (HOLES + 1)


def test_what_arrived_is_recorded_once_the_database_is_back(
    webhook, end, user, receiver, monkeypatch
):
    def away(*_: object) -> None:
        raise OperationalError("the database is away")

    end(of=user)
    sender = Courier()
    sender.send_due()
    with monkeypatch.context() as patch:
        patch.setattr(delivery, "record", away)
        with pytest.raises(OperationalError):
            sender.record_back(within=30)
    assert sender.busy
    sender.record_back(within=30)
    assert not sender.busy
    assert Delivery.objects.get().state == "delivered"
    assert len(receiver.requests) == 1


def test_a_letter_that_finds_no_thread_is_tried_again(webhook, end, user, monkeypatch):
    def none_left(_: object) -> None:
        raise RuntimeError("can't start new thread")

    end(of=user)
    sender = Courier()
    with monkeypatch.context() as patch:
        patch.setattr(Thread, "start", none_left)
        sender.send_due()
    sender.record_back(within=30)
    assert not sender.busy
    assert Delivery.objects.get().error == "It could not be sent from here."


def test_a_worker_sends_nothing(webhook, end, user, receiver):
    end(of=user)
    bell.work()
    assert Delivery.objects.get().attempts == 0
    assert not receiver.requests
