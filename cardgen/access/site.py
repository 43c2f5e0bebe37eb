"""The admin's site: who may see what there stands in the table of rights."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from cardgen.access.rights.table import needed
from toolkit.rights import Right, has_right


class Site(AdminSite):
    """Django's, but for rights in place of `is_staff`, and one sign-in for everything."""

    final_catch_all_view = False
    enable_nav_sidebar = False  # a list has all of the width: it fits 1280 pixels

    def has_permission(self, request: HttpRequest) -> bool:
        """Tell whether the admin opens for the user."""
        return has_right(request.user, Right.ADMIN)

    def may(self, request: HttpRequest, *, route: str, method: str) -> bool:
        """Tell whether the user may use a route of the admin; windows ask this."""
        right = needed(f"admin:{route}", method)
        return isinstance(right, Right) and has_right(request.user, right)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Send to the page that changes one's own password."""
        return redirect("password-page")

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Send to the sign-in of all pages."""
        back = urlencode({"next": request.GET.get("next", reverse("admin:index"))})
        return redirect(f"{reverse('login')}?{back}")
