"""Permissions of API keys: a view names its scope; else GET needs `read`, the rest `mint`."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from cardgen.access.models import ApiKey, Scope


class HasScope(BasePermission):
    """A signed-in user; a key must carry the scope that the view or the method needs."""

    message = "This API key lacks the scope for that."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Check the user and, for a key, its scopes."""
        if not request.user.is_authenticated:
            return False
        by_method = Scope.READ if request.method in SAFE_METHODS else Scope.MINT
        needed = getattr(view, "required_scope", by_method)
        return not isinstance(request.auth, ApiKey) or needed in request.auth.scopes
