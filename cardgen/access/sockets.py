"""Who is at the other end of a WebSocket, and what they may read: wired into `realtime`."""

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import User
from django.http import HttpRequest, parse_cookie

from cardgen.access.keys import find_key, key_sent
from cardgen.access.models import Scope
from realtime.consumers import Unavailable
from toolkit.database import AWAY

P = ParamSpec("P")
T = TypeVar("T")
_SessionStore = import_module(settings.SESSION_ENGINE).SessionStore


def guarded(read: Callable[P, T]) -> Callable[P, T]:
    """Tell `realtime`, which knows no database, that this one does not answer."""

    @wraps(read)
    def reader(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return read(*args, **kwargs)
        except AWAY as error:
            raise Unavailable from error

    return reader


def identify(headers: dict[str, str]) -> User | None:
    """Find the user of an API key with the scope `read`, or of a session; None for nobody.

    A key that does not do is not made up for by a session: the caller should hear of it.
    """
    key = key_sent(headers)
    return _user_of_session(headers) if key is None else _user_of_key(key)


def _user_of_key(key: str) -> User | None:
    api_key = find_key(key)
    return api_key.user if api_key is not None and Scope.READ in api_key.scopes else None


def _user_of_session(headers: dict[str, str]) -> User | None:
    session_key = parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    if not session_key:
        return None
    request = HttpRequest()
    request.session = _SessionStore(session_key)
    user = get_user(request)
    return user if isinstance(user, User) else None
