"""The table of rights, asked by the API: who is signed in, and may they, with this key?"""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from cardgen.access.handed_over import must_choose
from cardgen.access.models import ApiKey
from cardgen.access.rights.table import Open, needed
from toolkit.rights import has_right

_CHOOSE_FIRST = (
    "Your password was handed over to you: change it on the page /account/password first."
    " API keys work."
)


class HasRight(BasePermission):
    """Lets through whoever has the right that the table names for the route and the method."""

    message = "Nobody may do that here."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Check the user's rights; those of a key are its scopes as well."""
        if not request.user.is_authenticated:
            return False
        if request.auth is None and must_choose(request.session):
            self.message = _CHOOSE_FIRST
            return False
        method, match = str(request.method), request.resolver_match
        right = needed(match.view_name, method) if match else None
        if right is None:  # 405 comes next, unless a view has a method that the table does not know
            return not hasattr(view, method.lower())
        if isinstance(right, Open) or has_right(request.user, right):
            return True
        by_key = isinstance(request.auth, ApiKey) and right not in request.auth.scopes
        whose = "This API key lacks the scope" if by_key else "You lack the right"
        self.message = f"{whose} {right}."
        return False
