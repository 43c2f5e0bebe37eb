"""Who asks, read from a request."""

from rest_framework.request import Request

from jobs.orders.order import Origin
from jobs.quotas.headers import key_id
from toolkit.views import caller


def origin_of(request: Request) -> Origin:
    """The caller and the API key that the request came with."""
    return Origin(owner=caller(request), api_key_id=key_id(request))
