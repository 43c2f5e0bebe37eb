"""Set limits and order under them."""

from django.contrib.auth.models import User

from jobs import orders
from jobs.models import Job, Quota
from jobs.orders import Origin
from tests.support.fixtures import an_order, silent


def limit(user: User, **limits: int | None) -> None:
    Quota.objects.update_or_create(defaults={**limits, "changed_by": "a test"}, user=user)


def order(user: User, *, count: int = 10, key: int | None = None) -> Job:
    return orders.submit(
        order=an_order(count=count), origin=Origin(owner=user, api_key_id=key), ring=silent
    )
