"""What every answer says: whom it is for, so that no cache mixes callers up, and what is left."""

from math import ceil

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

from toolkit.rates import Count

CALLER = ("Authorization", "X-API-Key", "Cookie")
"""The fields of a request that say who calls; answers differ by them (RFC 9110, 12.5.5)."""


class HeadersMiddleware(MiddlewareMixin):
    """Middleware: `Vary` always; nobody keeps an answer whose view does not allow it; limits."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Add the header fields (RFC 9111, and the draft of RateLimit header fields)."""
        response.setdefault("Cache-Control", "private, no-store")
        patch_vary_headers(response, CALLER)
        _tell_limits(response, getattr(request, "rate_limits", []))
        return response


def _tell_limits(response: HttpResponse, counts: list[Count]) -> None:
    """Add to both header fields; quotas may stand there (`jobs.quotas.headers`)."""
    policies = [f'"{one.policy}";q={one.most};w={one.seconds}' for one in counts]
    left = [f'"{one.policy}";r={one.left};t={ceil(one.full_in)}' for one in counts]
    for name, items in (("RateLimit-Policy", policies), ("RateLimit", left)):
        told = [response[name]] if name in response else []
        if items:
            response[name] = ", ".join([*told, *items])
