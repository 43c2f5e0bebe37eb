"""The table of rights, asked before every page and the admin; the API asks by itself."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin

from cardgen.access.handed_over import must_choose
from cardgen.access.rights.table import API, ROUTES, Needed, Open, needed
from toolkit.rights import has_right

_CHOOSING = "password-page"


class PageRights(MiddlewareMixin):
    """Sends strangers to the sign-in and refuses what the table does not allow."""

    def process_view(
        self, request: HttpRequest, view: object, positional: Any, named: Any
    ) -> HttpResponse | None:
        """Decide by route and method.

        :raises PermissionDenied: if the user lacks the right
        """
        if not is_guarded(request):
            return None
        route = _route(request)
        right = needed(route, str(request.method))
        if right is None and ROUTES.get(route):
            return HttpResponseNotAllowed([*ROUTES[route]])
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if must_choose(request.session) and route != _CHOOSING:
            return _to_a_password(request)
        if not _may(request, right):
            raise PermissionDenied
        return None


def is_guarded(request: HttpRequest) -> bool:
    """Tell whether a page is for some alone. The API guards itself."""
    route = _route(request)
    return route not in API and needed(route, str(request.method)) != Open.EVERYBODY


def _to_a_password(request: HttpRequest) -> HttpResponse:
    """Send to the page that asks for a password of one's own, and from there to the one asked."""
    asked = {"next": request.get_full_path()} if request.method == "GET" else {}
    return redirect(reverse(_CHOOSING, query=asked))


def _route(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def _may(request: HttpRequest, right: Needed | None) -> bool:
    if right is None:
        return False
    return isinstance(right, Open) or has_right(request.user, right)
