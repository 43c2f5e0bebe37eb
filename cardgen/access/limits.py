"""Limits of requests: by address before anything is asked, by key and user once they are known.

What they are for, and what holds without the cache server: docs/limits.md.
"""

from collections import OrderedDict
from math import ceil
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from cardgen.access.models import ApiKey
from toolkit.addresses import network_name
from toolkit.rates import Count, Meter
from toolkit.refusals import Refusal

_MOST_KNOWN = 10_000
addresses = Meter("address-requests", most=settings.CARDGEN_ADDRESS_REQUESTS)
handshakes = Meter("address-handshakes", most=settings.CARDGEN_ADDRESS_HANDSHAKES)
_wrong_keys = Meter("address-wrong-keys", most=60)
_keys = Meter("key-requests", most=settings.CARDGEN_REQUESTS)
_throttled = Meter("key-throttled", most=settings.CARDGEN_ANOMALY_REQUESTS)
_users = Meter("user-requests", most=settings.CARDGEN_REQUESTS)
_known: OrderedDict[int, None] = OrderedDict()


def is_known(key: str) -> bool:
    """Tell whether the key was right lately. It may be revoked since: this lets nobody in."""
    return hash(key) in _known


def let_key_be_tried(request: HttpRequest, key: str) -> None:
    """Refuse keys from an address that has sent many wrong ones, but for those that were right.

    :raises Throttled: if it has
    """
    wait = 0.0 if is_known(key) else _wrong_keys.refuses(_name(request))
    if wait:
        raise Throttled(wait=wait)


def note_key(request: HttpRequest, key: str, *, right: bool) -> None:
    """Remember the outcome: wrong ones are counted, and of right ones a number is kept."""
    if not right:
        _wrong_keys.take(_name(request))
        return
    _known[hash(key)] = None
    if len(_known) > _MOST_KNOWN:
        _known.popitem(last=False)


class TooManyRequests(Refusal):
    """A user asks for more than the limit lets them."""

    code = "too_many_requests"


def count_page(request: HttpRequest) -> None:
    """Count a page of somebody who is signed in, with all that they ask of the API.

    :raises TooManyRequests: if it is one too many
    """
    count = _users.take(str(request.user.pk))
    request.rate_limits = [count] if count else []  # type: ignore[attr-defined]
    if count and count.wait:
        raise TooManyRequests(
            "You send too many requests. Wait, then go on slower.", retry_after=ceil(count.wait)
        )


class CallerThrottle(BaseThrottle):
    """So many requests a minute of a key, and of a user with all their keys and sessions."""

    _wait = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count the request, and keep what is left for the answer's headers."""
        counts = [_users.take(str(request.user.pk))] if request.user.is_authenticated else []
        if isinstance(request.auth, ApiKey):
            counts += [meter.take(str(request.auth.pk)) for meter in _meters_of(request.auth)]
        told: list[Count] = [count for count in counts if count]
        request._request.rate_limits = told  # type: ignore[attr-defined]  # noqa: SLF001
        self._wait = max((count.wait for count in told), default=0.0)
        return not self._wait

    def wait(self) -> float:
        """Return the seconds until there is room."""
        return self._wait


def _meters_of(key: ApiKey) -> list[Meter]:
    return [_keys, _throttled] if key.is_throttled else [_keys]


def _name(request: HttpRequest) -> str:
    return network_name(request.META.get("REMOTE_ADDR") or "")
