"""Register webhooks, and do what the courier does."""

from collections.abc import Iterator
from ipaddress import ip_network

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models.functions import Now
from pytest_django import Settings

from jobs.models import Delivery, Event, Webhook
from jobs.webhooks import hooks
from jobs.webhooks.courier import Courier
from tests.support.receiver import Receiver, listening

SECRET = "0123456789abcdef"


def register(owner: User, url: str, *, event: Event = Event.JOB_FINISHED) -> Webhook:
    """Register a webhook whose owner has shown to control the URL."""
    webhook = hooks.register(owner=owner, url=url, events=[event], secret=SECRET).webhook
    Delivery.objects.filter(webhook=webhook).delete()
    Webhook.objects.filter(pk=webhook.pk).update(verified_at=Now())
    return webhook


def deliver() -> int:
    """Send all that is due and wait for what becomes of it; return how many were sent."""
    courier = Courier()
    sent = courier.send_due()
    while courier.busy:
        courier.record_back(within=30)
        sent += courier.send_due()
    return sent


def make_due() -> None:
    """Let the time until the next attempt, or until the lease ends, pass."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE jobs_delivery SET not_before = now() WHERE state = 'waiting'")


def only() -> Delivery:
    """The one delivery there is."""
    return Delivery.objects.get()


LOOPBACK = [ip_network("127.0.0.1/32"), ip_network("::1/128")]


@pytest.fixture
def loopback_allowed(settings: Settings) -> None:
    """Let webhooks point at loopback."""
    settings.CARDGEN_WEBHOOK_NETWORKS = LOOPBACK


@pytest.fixture
def receiver(loopback_allowed: None) -> Iterator[Receiver]:
    """A server that answers 200."""
    with listening() as found:
        yield found


@pytest.fixture
def webhook(user: User, receiver: Receiver) -> Webhook:
    """The webhook of `user`."""
    return register(user, f"{receiver.url}/hook?team=a")
