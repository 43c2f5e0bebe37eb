"""Who may see and change where cards are minted."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request


class IsAdministrator(BasePermission):
    """Superusers alone."""

    message = "Only an administrator may do that."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Check the user; the scope of a key is checked beside this."""
        return bool(getattr(request.user, "is_superuser", False))


class AdministratorsChange(IsAdministrator):
    """Everybody signed in reads, administrators change."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Let reading through."""
        return request.method in SAFE_METHODS or super().has_permission(request, view)
