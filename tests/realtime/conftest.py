"""Users, jobs and their progress."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from jobs import orders
from jobs.models import Job
from jobs.orders import ItemOrder, Order, Origin
from realtime.sources import Source
from tests.support.keys import make_user

MakeJob = Callable[..., Job]


@pytest.fixture
def stranger(transactional_db: None) -> Client:
    """Somebody else's session."""
    client = Client()
    client.force_login(make_user("stranger"))
    return client


@pytest.fixture
def session(owner: User) -> Client:
    """The owner's session."""
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def make_job(owner: User) -> MakeJob:
    """Submit a job without ringing for workers."""

    def make(*, count: int = 10, user: User = owner) -> Job:
        items = (ItemOrder(count=count, scheme="visa"),)
        order = Order(items=items, first_month=2030 * 12, months=12)
        return orders.submit(order=order, origin=Origin(owner=user), ring=lambda: None)

    return make


@pytest.fixture
def no_rereading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave sockets nothing but messages to learn of changes."""
    monkeypatch.setattr(Source, "reread_seconds", 600.0)
