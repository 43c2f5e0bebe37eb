"""How much may come in: which routes take large bodies, which few at a time, which are free."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin

from cardgen.access.authentication.heads import user_of
from cardgen.access.keys.text import key_sent
from cardgen.access.limits import TooManyRequests, addresses, count_page, is_known
from cardgen.access.rights.pages import is_guarded
from cardgen.http.errors import problem, refused_page
from cardgen.http.measuring import Measured
from cardgen.server import (
    AddressLimit,
    BodyLimit,
    BodyLimits,
    Gate,
    InTurns,
    Narrow,
    Narrows,
    known_address,
)
from realtime.origin import Application, Scope, headers_of
from toolkit.addresses import network_name
from toolkit.database import AWAY
from toolkit.rights import Right, has_right
from toolkit.seats import Seats
from toolkit.turns import Turns
from uniqueness.exclusions.imports.forms import MOST_BYTES, TOO_LARGE

_FORM_BYTES = 1 << 20  # what a browser sends around a file
_CONNECTIONS = 10  # without a pool


def body_limits() -> BodyLimits:
    """Imports take files; everything else takes what Django takes."""
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return BodyLimits(
        usual=BodyLimit(most=most, detail="A request body may have at most 2.5 MB."),
        upload=BodyLimit(most=MOST_BYTES + _FORM_BYTES, detail=TOO_LARGE),
        upload_paths=_imports(),
        session_cookie=settings.SESSION_COOKIE_NAME,
        refused_upload=_refused_import,
    )


def _refused_import(scope: Scope) -> Mapping[str, Any] | None:
    """Say why whoever sends this head may not import; None: they may. It asks the database."""
    try:
        user = user_of(headers_of(scope), address=known_address(scope))
        may = user is not None and has_right(user, Right.EXCLUDE)
    except AWAY:
        return problem(503, detail="The database does not answer. Nothing was done; try again.")
    return None if may else problem(401 if user is None else 403)


def measured(application: Application) -> Measured:
    """Count every request but those of probes and static files."""
    return Measured(application, free=(settings.STATIC_URL, reverse("health")))


def gate(application: Application) -> Gate:
    """Put everything in front of the application, the cheapest refusal first."""
    pool = settings.DATABASE_POOL or _CONNECTIONS
    at_work = max(pool - pool // 5, 1)  # some connections are for sockets, streams and probes
    turns = Turns(at_work, most_waiting=500, of_one=200, patience=10.0)
    limited = Narrows(InTurns(application, turns, _caller), _narrows())
    free = (settings.STATIC_URL, reverse("health"), reverse("schema"))
    return Gate(application, AddressLimit(limited, addresses), free=free)


class PageLimit(MiddlewareMixin):
    """So many pages of a user; the API counts by itself, and who is not known by address alone."""

    def process_view(
        self, request: HttpRequest, view: object, positional: Any, named: Any
    ) -> HttpResponse | None:
        """Refuse one too many. Whoever comes here is signed in (`cardgen.access.rights.pages`)."""
        try:
            if is_guarded(request):
                count_page(request)
        except TooManyRequests as refusal:
            return refused_page(request, refusal)
        return None


def _caller(scope: Scope) -> str:
    """Name who asks: the key if it was right lately, or whoever comes from the address.

    A stranger who makes keys up is one caller, however many they are.
    """
    key, address = key_sent(headers_of(scope)), network_name(scope["client"][0])
    return f"{address}-{hash(key)}" if key and is_known(key) else address


def _narrows() -> list[Narrow]:
    """Two checks of passwords at a time, as each takes 0.3 s of a core, and two imports."""
    signing_in = problem(
        429, name="too_many_logins", detail="Others are signing in just now. Try again in a moment."
    )
    importing = problem(429, detail="Two imports are running. Try again when one has ended.")
    logins = frozenset(map(reverse, ("login", "admin:login", "password-page")))
    return [
        Narrow(paths=logins, places=Seats("password-checks", 2), full=signing_in),
        Narrow(paths=_imports(), places=Seats("imports", 2), full=importing),
    ]


def _imports() -> frozenset[str]:
    routes = ("exclusions-import", "exclusions-page", "admin:uniqueness_exclusion_import")
    return frozenset(map(reverse, routes))
