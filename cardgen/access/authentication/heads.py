"""Who sends a request, by its head alone: asked where Django has no request yet."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import User
from django.http import HttpRequest, parse_cookie

from cardgen.access.handed_over import must_choose
from cardgen.access.keys.finding import find_key
from cardgen.access.keys.text import key_sent

_SessionStore = import_module(settings.SESSION_ENGINE).SessionStore


def user_of(headers: dict[str, str], *, address: str | None) -> User | None:
    """Find the user of an API key or a session, with the rights that these leave; None for nobody.

    A key that does not do is not made up for by a session: the caller should hear of it.

    :param headers: by lower-case name
    :param address: of the client
    """
    key = key_sent(headers)
    if key is None:
        return _user_of_session(headers)
    api_key = find_key(key, address=address)
    return api_key.user if api_key else None


def _user_of_session(headers: dict[str, str]) -> User | None:
    session_key = parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    if not session_key:
        return None
    request = HttpRequest()
    request.session = _SessionStore(session_key)
    user = get_user(request)
    if must_choose(request.session):
        return None
    return user if isinstance(user, User) else None
