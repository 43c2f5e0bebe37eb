"""What views share: who asks, which form is wanted, where the next page is."""

from typing import Any

from django.contrib.auth.models import User
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request


def caller(request: Request) -> User:
    """The signed-in user; the permission class let nobody else through."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def next_url(request: Request, after: str) -> str | None:
    """The same request from the cursor on, None at the end."""
    if not after:
        return None
    query = request.query_params.copy()
    query["after"] = after
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


class FormInQuery(BaseContentNegotiation):
    """`format` in the query names the form; an `Accept` header cannot contradict it."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """Take the first parser: a GET has no body."""
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        """Take JSON, for pages and problems."""
        return renderers[0], renderers[0].media_type


def checked(serializer: serializers.Serializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    checked: dict[str, Any] = serializer.validated_data
    return checked
