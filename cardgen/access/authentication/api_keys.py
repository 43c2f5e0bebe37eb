"""API key authentication: `Authorization: Bearer KEY` or `X-API-Key: KEY`."""

from django.contrib.auth.models import User
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from cardgen.access.keys.finding import find_key
from cardgen.access.keys.text import key_sent
from cardgen.access.limits import let_key_be_tried, note_key
from cardgen.access.models import ApiKey
from toolkit import tally
from toolkit.networks import network_of


class ApiKeyAuthentication(BaseAuthentication):
    """Acts as the key's user; the key is `request.auth`."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """Return the user and key, None if no key was sent; AuthenticationFailed for a bad one."""
        key = key_sent(request.headers)
        if key is None:
            return None
        let_key_be_tried(request, key)
        api_key = find_key(key, address=request.META.get("REMOTE_ADDR"))
        note_key(request, key, right=api_key is not None)
        if api_key is None:
            raise AuthenticationFailed(
                "This API key is unknown, revoked, suspended or expired, or may not be used from"
                " your address."
            )
        _count(api_key, request)
        return api_key.user, api_key

    def authenticate_header(self, request: Request) -> str:
        """Say which scheme is expected, for `WWW-Authenticate` (RFC 9110)."""
        return 'Bearer realm="cardgen"'


def _count(api_key: ApiKey, request: Request) -> None:
    """Count the use of a key and the network that it comes from (cardgen.anomalies)."""
    tally.add(f"request {api_key.pk}")
    tally.add(f"network {api_key.pk} {network_of(request.META.get('REMOTE_ADDR', ''))}")
