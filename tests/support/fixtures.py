"""Shared fixtures: the catalogue, users, orders and jobs, all in the real database."""

import time
from collections.abc import Callable
from io import StringIO
from itertools import count

import pytest
import pytest_django
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from cardgen.embedded import paths
from generation import ranges
from generation.models import IssuerRange, Tier
from jobs import orders
from jobs.models import Job
from jobs.orders import ItemOrder, Order, Origin
from tests.support import distributing, emptying, sweeping
from tests.support.keys import create_key, make_user
from uniqueness.sharding import is_distributed

Submit = Callable[..., Job]
FIRST_MONTH = 2030 * 12
_HOUR = 3_600  # seconds
_TO_ITS_END = 5  # seconds; tests that count by the hour or day take less
_ids = count(5_001)  # above those that the catalogue and the API get from the sequence
_SAVE = """
    CREATE SCHEMA saved;
    CREATE TABLE saved.ranges AS TABLE generation_issuerrange;
    CREATE TABLE saved.exclusions AS TABLE uniqueness_exclusion;
    TRUNCATE generation_issuerrange, uniqueness_exclusion CASCADE;
"""
_LET_EMPTY = "ALTER TABLE uniqueness_auditentry DISABLE TRIGGER audit_trail_is_never_emptied"
LOAD = """
    INSERT INTO generation_issuerrange TABLE saved.ranges;
    INSERT INTO uniqueness_exclusion TABLE saved.exclusions;
"""
_SWEPT_EVERY = 25
_loads = count(1)


def silent() -> None:
    """A bell that nobody hears: the test does the work itself."""


def an_order(**changes: object) -> Order:
    """An order of 10 Visa cards, with whatever a test changes."""
    scheme = changes.pop("scheme", None if "range" in changes else "visa")
    item = ItemOrder(
        count=changes.pop("count", 10), scheme=scheme, range=changes.pop("range", None)
    )
    return Order(**{"items": (item,), "first_month": FIRST_MONTH, "months": 24} | changes)


def register(
    *, iin: str, pan_length: int, scheme: str = "visa", enabled: bool = True
) -> IssuerRange:
    """Register an issuer range for a test.

    No two ranges of a session have the same id: processes that outlive a test keep what they know.
    """
    return IssuerRange.objects.create(
        id=next(_ids),
        scheme=scheme,
        iin=iin,
        pan_length=pan_length,
        tier=Tier.OWNED,
        source="a test",
        enabled=enabled,
        key_check_value=ranges.range_keys(iin=iin, pan_length=pan_length).check_value,
    )


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Have tests be the owner: they make a database, and empty its tables."""
    if settings.EMBEDDED_DATABASE:
        connection.settings_dict["USER"] = paths.OWNER


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> None:
    """Let tests empty the audit trail: those that commit empty every table when they end."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(_LET_EMPTY)
        if distributing.is_wanted():
            distributing.distribute()
        emptying.keep()
        is_distributed()  # asked once in each process: no test counts it among its queries


@pytest.fixture(scope="session")
def saved_catalogue(
    django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> None:
    """The rows that the real command loads into an empty database, in tables that no test sees."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        call_command("load_catalogue", stderr=StringIO())
        cursor.execute(_SAVE)


@pytest.fixture
def catalogue(saved_catalogue: None, db: None) -> None:
    """The issuer ranges and published numbers, as a fresh installation has them."""
    if next(_loads) % _SWEPT_EVERY == 0:
        sweeping.sweep()
    with connection.cursor() as cursor:
        cursor.execute(LOAD)


@pytest.fixture(autouse=True)
def no_hour_ends() -> None:
    """Begin no test just before an hour ends: its counts would be those of two hours, or days."""
    left = _HOUR - time.time() % _HOUR
    if left < _TO_ITS_END:
        time.sleep(left)


@pytest.fixture
def small_range(db: None) -> IssuerRange:
    """A range of 1,000 numbers."""
    return register(iin="99999901", pan_length=12)


@pytest.fixture
def admin_user(db: None) -> User:
    """The administrator of `admin_client`, which needs no password: to hash one takes 0.3 s."""
    return User.objects.create_superuser("admin")


@pytest.fixture
def user(db: None) -> User:
    """A tester without special rights."""
    return make_user("tester")


@pytest.fixture
def other_user(db: None) -> User:
    """Another tester."""
    return make_user("other")


@pytest.fixture
def submit(user: User, catalogue: None) -> Submit:
    """Submit an order whose bell nobody hears."""

    def submit_order(**changes: object) -> Job:
        return orders.submit(order=an_order(**changes), origin=Origin(owner=user), ring=silent)

    return submit_order


@pytest.fixture
def api(user: User, catalogue: None) -> APIClient:
    """A client with an API key of `user`."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {create_key(user=user, name='test')}")
    return client


@pytest.fixture
def administrator(catalogue: None) -> APIClient:
    """A client with an administrator's key of every scope."""
    client = APIClient()
    owner = User.objects.create_superuser("root")
    client.credentials(HTTP_X_API_KEY=create_key(user=owner, name="k"))
    return client


@pytest.fixture
def browser(user: User, catalogue: None) -> Client:
    """A browser without JavaScript, signed in as `user`: Django's test client."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def admin_browser(catalogue: None) -> Client:
    """The session of an administrator."""
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def owner(transactional_db: None, catalogue: None) -> User:
    """The user whose jobs are watched; issuer ranges are registered."""
    return make_user("tester")
