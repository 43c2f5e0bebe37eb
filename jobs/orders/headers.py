"""Who asks, read from a request."""

from rest_framework.request import Request

from jobs.orders.order import Origin
from jobs.quotas.headers import Metered, key_id
from toolkit.views import caller


def origin_of(request: Request) -> Origin:
    """The caller, the API key that the request came with, and the limits that its view has read."""
    view = request.parser_context["view"]
    limits = view.limits if isinstance(view, Metered) else None
    return Origin(owner=caller(request), api_key_id=key_id(request), limits=limits)
