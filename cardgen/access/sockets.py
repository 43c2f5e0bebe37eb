"""Who is at the other end of a WebSocket, and what they may read: wired into `realtime`."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import User
from django.http import HttpRequest, parse_cookie

from cardgen.access.finding import find_key
from cardgen.access.key_text import key_sent
from cardgen.access.table import SOCKETS
from toolkit.rights import Right, has_right

_NEEDED = {right for row in SOCKETS.values() for right in row.values() if isinstance(right, Right)}
_SessionStore = import_module(settings.SESSION_ENGINE).SessionStore


def identify(headers: dict[str, str], address: str | None) -> User | None:
    """Find who may watch jobs, by an API key or a session; None for nobody.

    A key that does not do is not made up for by a session: the caller should hear of it. Without
    an origin a session does not do either: browsers always send one.

    :param headers: of the handshake, by lower-case name
    :param address: of the client
    """
    key = key_sent(headers)
    if key is not None:
        user = _user_of_key(key, address)
    else:
        user = _user_of_session(headers) if "origin" in headers else None
    return user if user and all(has_right(user, right) for right in _NEEDED) else None


def _user_of_key(key: str, address: str | None) -> User | None:
    api_key = find_key(key, address=address)
    return api_key.user if api_key else None


def _user_of_session(headers: dict[str, str]) -> User | None:
    session_key = parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    if not session_key:
        return None
    request = HttpRequest()
    request.session = _SessionStore(session_key)
    user = get_user(request)
    return user if isinstance(user, User) else None
