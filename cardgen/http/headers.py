"""What every answer says: whom it is for, so that no cache mixes callers up, and what is left."""

from math import ceil

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

from toolkit.rates import Count

CALLER = ("Authorization", "X-API-Key", "Cookie")
"""The fields of a request that say who calls; answers differ by them (RFC 9110, 12.5.5)."""


_OLD = {
    "Deprecation": "@1795824000",
    "Sunset": "Sun, 28 Nov 2027 00:00:00 GMT",
    "Link": '</api/docs#old-names>; rel="deprecation"; type="text/html"',
}
"""On answers of old routes: since when they are old (RFC 9745), until when they stay (RFC 8594)."""
_OLD_ROUTES = {"vendors", "gateway-cards", "cards-search"}


class HeadersMiddleware(MiddlewareMixin):
    """Middleware: `Vary` always; nobody keeps an answer whose view does not allow it; limits."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Add the header fields (RFC 9111, and the draft of RateLimit header fields)."""
        response.setdefault("Cache-Control", "private, no-store")
        patch_vary_headers(response, CALLER)
        if _is_old(request):
            for name, value in _OLD.items():
                response[name] = value
        _tell_limits(response, getattr(request, "rate_limits", []))
        return response


def _is_old(request: HttpRequest) -> bool:
    route = request.resolver_match.view_name if request.resolver_match else ""
    return route in _OLD_ROUTES or (route == "generate" and request.method == "GET")


def _tell_limits(response: HttpResponse, counts: list[Count]) -> None:
    """Add to both header fields; quotas may stand there (`jobs.quotas.headers`)."""
    policies = [f'"{one.policy}";q={one.most};w={one.seconds}' for one in counts]
    left = [f'"{one.policy}";r={one.left};t={ceil(one.full_in)}' for one in counts]
    for name, items in (("RateLimit-Policy", policies), ("RateLimit", left)):
        told = [response[name]] if name in response else []
        if items:
            response[name] = ", ".join([*told, *items])
