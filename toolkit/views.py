"""What views share: who asks, which form is wanted, where the next page is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.contrib.auth.models import User
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Row]):
    """Some rows, and the cursor of those that follow; empty at the end."""

    rows: Sequence[Row]
    after: str


def caller(request: Request) -> User:
    """The signed-in user; the permission class let nobody else through."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def next_url(request: Request, after: str, *, without: str = "") -> str | None:
    """The same request from the cursor on, None at the end.

    :param without: a parameter that only the first page has
    """
    if not after:
        return None
    query = request.query_params.copy()
    query.pop(without, None)
    query["after"] = after
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def cut(rows: Sequence[Row], *, limit: int, cursor: Callable[[Row], object]) -> Page[Row]:
    """Cut a page off rows of which one more than its limit was read.

    :param cursor: what a row is sorted by; the last one's leads to the next page
    """
    shown = rows[:limit]
    return Page(rows=shown, after=str(cursor(shown[-1])) if len(rows) > limit else "")


class FormInQuery(BaseContentNegotiation):
    """`format` in the query names the form; an `Accept` header cannot contradict it."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """Take the first parser: a GET has no body."""
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        """Take JSON, for pages and problems."""
        return renderers[0], renderers[0].media_type


def asked(request: Request, form: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """Read the query of a request; an empty value is a wrong one, not an absent one."""
    return checked(form(data=request.query_params.dict()))


def checked(serializer: serializers.Serializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    checked: dict[str, Any] = serializer.validated_data
    return checked
