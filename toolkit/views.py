"""What views share: who asks, who may, which form is wanted, where the next page is."""

from typing import Any, ClassVar

from django.contrib.auth.models import User
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from toolkit.rights import is_administrator, is_operator


class IsAdministrator(BasePermission):
    """Superusers alone."""

    message = "Only an administrator may do that."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Check the user; the scope of a key is checked beside this."""
        return is_administrator(request.user)


class IsOperator(BasePermission):
    """Those who run the service."""

    message = "Only an operator may see that."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Check the user; the scope of a key is checked beside this."""
        return is_operator(request.user)


class AdministratorsChange(IsAdministrator):
    """Everybody signed in reads, administrators change."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Let reading through."""
        return request.method in SAFE_METHODS or super().has_permission(request, view)


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


class AdministratorsView(APIView):
    """What administrators do; a key needs the scope too."""

    required_scope = "administer"

    def get_permissions(self) -> list[Any]:
        """Ask for the administrator's right beside the scope."""
        return [*super().get_permissions(), IsAdministrator()]


def sees_numbers(request: Request) -> bool:
    """Tell whether whole numbers may be shown: to administrators, by a key with the scope."""
    scopes = getattr(request.auth, "scopes", ["administer"])
    return is_administrator(request.user) and "administer" in scopes


class FormInQuery(BaseContentNegotiation):
    """`format` in the query names the form; an `Accept` header cannot contradict it."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """Take the first parser: a GET has no body."""
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        """Take JSON, for pages and problems."""
        return renderers[0], renderers[0].media_type


class RegistryView(APIView):
    """Everybody reads, administrators change; a key needs the scope for either."""

    right: ClassVar[type[BasePermission]] = AdministratorsChange

    def get_permissions(self) -> list[Any]:
        """Ask for the administrator's right beside the scope."""
        return [*super().get_permissions(), self.right()]

    @property
    def required_scope(self) -> str:
        """The scope a key needs."""
        return "read" if self.request.method in SAFE_METHODS else "administer"


def checked(serializer: serializers.Serializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    checked: dict[str, Any] = serializer.validated_data
    return checked
