"""Refusals raised by pages, answered as those of the API are."""

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from cardgen.http.errors import refused_page
from toolkit.refusals import Refusal


class RefusalMiddleware(MiddlewareMixin):
    """Middleware: DRF's views never let one out, so this is about pages alone."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a refusal; let anything else pass."""
        return refused_page(request, error) if isinstance(error, Refusal) else None
