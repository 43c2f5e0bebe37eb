"""What one order may take: of a range, of the workers, of the disk."""

import json
import shutil
import subprocess
import sys

import pytest
from django.conf import settings as configured
from django.contrib.auth.models import User

from cardgen.access.first import ensure_administrator
from jobs import control, orders, states, work
from jobs.models import Job, Status
from jobs.orders import ItemOrder, Origin
from jobs.orders.room import NoRoom
from jobs.orders.share import BeyondShare, PriorityReserved
from jobs.quotas import Orderer, limits_of
from tests.support.actors import somebody
from tests.support.answers import assert_problem
from tests.support.fixtures import an_order, register, silent
from tests.support.processes import environment
from uniqueness.models import Pool, Reservation

ASYNC = "/api/v1/cards/generate-async"


@pytest.fixture(autouse=True)
def a_tenth(settings) -> None:
    settings.CARDGEN_RANGE_SHARE = 10


@pytest.fixture
def hundred_thousand(db):
    return register(iin="99999902", pan_length=14)


@pytest.fixture
def operator(catalogue) -> User:
    return User.objects.create_superuser("root")


def order(user: User, **changes: object) -> Job:
    return orders.submit(order=an_order(**changes), origin=Origin(owner=user), ring=silent)


def test_quotas_hold_unless_somebody_sets_others(db):
    names = ["CARDGEN_CARDS_PER_DAY", "CARDGEN_ACTIVE_JOBS", "CARDGEN_RANGE_SHARE"]
    read = f"from cardgen import settings as s; print([getattr(s, n) for n in {names}])"
    nothing_set = {key: value for key, value in environment().items() if key not in names}
    done = subprocess.run(
        [sys.executable, "-c", read], env=nothing_set, capture_output=True, check=True
    )
    assert json.loads(done.stdout) == [10**7, 4, 10]


def test_the_first_administrator_has_no_quota(db, settings):
    settings.CARDGEN_CARDS_PER_DAY, settings.CARDGEN_ACTIVE_JOBS = 10, 1
    ensure_administrator()
    assert limits_of(Orderer(user_id=User.objects.get(username="admin").pk)) == {}
    assert len(limits_of(Orderer(user_id=User.objects.create_user("ann").pk))) == 2


def test_an_order_beyond_a_tenth_of_a_range_is_refused(api, hundred_thousand):
    body = {"range": hundred_thousand.name, "count": 10_001}
    told = assert_problem(api.post(ASYNC, body), 409, "beyond_share")
    assert (told["left"], told["most"]) == (100_000, 10_000)
    assert not Reservation.objects.exists()
    assert not Job.objects.exists()
    assert api.post(ASYNC, body | {"count": 10_000}).status_code == 202
    again = assert_problem(api.post(ASYNC, body), 409, "beyond_share")
    assert (again["left"], again["most"]) == (90_000, 9_000)


def test_several_items_of_one_range_count_together(user, catalogue, hundred_thousand):
    items = tuple(ItemOrder(range=hundred_thousand.name, count=4_000) for _ in range(3))
    with pytest.raises(BeyondShare):
        order(user, items=items)


def test_an_order_of_a_scheme_goes_where_it_finds_room(user, db, hundred_thousand):
    roomy = register(iin="99999903", pan_length=15)
    Pool.objects.create(issuer_range=hundred_thousand, next_slot=0)
    job = order(user, scheme="visa", count=50_000)
    assert job.items.get().issuer_range == roomy


def test_operators_and_small_orders_pass(user, operator, small_range, hundred_thousand):
    assert order(user, range=small_range.name, count=1_000)
    assert order(operator, range=hundred_thousand.name, count=90_000)


def test_whoever_asks_for_more_than_there_is_hears_that(api, hundred_thousand):
    body = {"range": hundred_thousand.name, "count": 100_001}
    assert_problem(api.post(ASYNC, body), 409, "range_exhausted")


def test_only_operators_order_with_priority_high(api, user, operator):
    body = {"scheme": "visa", "count": 1, "priority": "high"}
    for route in (ASYNC, "/api/v1/cards/generate"):
        assert_problem(api.post(route, body), 403, "priority_reserved")
    urgent = order(operator, priority="high")
    with pytest.raises(PriorityReserved):
        control.clone(urgent, origin=Origin(owner=user), ring=silent, now=urgent.created_at)
    api.force_authenticate(operator)
    assert api.post(ASYNC, body).status_code == 202


def test_many_jobs_of_one_user_take_no_share_from_another(user, other_user, catalogue, settings):
    settings.CARDGEN_CHUNK_CARDS = 100
    for _ in range(10):
        order(user, count=1_000)
    late = order(other_user, count=1_000)
    for _ in range(8):
        work.execute(work.lease_next())
    assert Job.objects.get(id=late.id).produced == 400


def test_chunks_in_hand_count_by_owner(user, other_user, catalogue, settings):
    settings.CARDGEN_CHUNK_CARDS = 100
    for _ in range(3):
        order(user, count=1_000)
    order(other_user, count=1_000)
    leases = [work.lease_next() for _ in range(6)]
    assert sum(lease.job.owner_id == other_user.pk for lease in leases) == 3


def test_an_order_that_the_disk_cannot_hold_is_refused(api, settings, monkeypatch):
    settings.CARDGEN_DISK_RESERVE_MB = 100
    free = shutil.disk_usage(configured.VAR)._replace(free=100 * 1024**2 + 160 * 5_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    assert api.post(ASYNC, {"scheme": "visa", "count": 4_000}).status_code == 202
    told = assert_problem(api.post(ASYNC, {"scheme": "visa", "count": 2_000}), 503, "no_room")
    assert told["needed"] - told["free"] == 160 * 1_000
    assert Job.objects.count() == 1


def test_a_retry_needs_room_too(user, catalogue, settings):
    job = order(user, count=1_000)
    states.move(job.id, to=Status.FAILED)
    settings.CARDGEN_DISK_RESERVE_MB = 10**9
    with pytest.raises(NoRoom):
        control.retry(Job.objects.get(id=job.id), ring=silent, actor=somebody())
    assert Job.objects.get(id=job.id).status == Status.FAILED


def test_a_disk_that_cannot_be_seen_is_not_looked_at(user, catalogue, settings):
    settings.CARDGEN_DISK_RESERVE_MB = 10**9
    settings.CARDGEN_DATABASE_VOLUME = None
    assert order(user, count=1_000)
