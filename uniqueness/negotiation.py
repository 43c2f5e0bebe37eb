"""How a download says which form it wants."""

from typing import Any

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request


class FormInQuery(BaseContentNegotiation):
    """`format` in the query names the form; an `Accept` header cannot contradict it."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """Take the first parser: a GET has no body."""
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        """Take JSON, for pages and problems."""
        return renderers[0], renderers[0].media_type
