"""Every route of the URL configuration, as everybody, against the table of rights."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from rest_framework.test import APIClient

from cardgen.access.models import ApiKey
from cardgen.access.rights.table import ADMIN, API, PAGES, ROUTES, Needed, Open, needed
from tests.support.keys import create_key, make_user
from toolkit.rights import RIGHTS_OF, Right, Role

Ask = Callable[[str, str], int]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SAMPLES = {
    **dict.fromkeys(("job_id", "webhook_id"), uuid4()),
    **dict.fromkeys(("delivery_id", "key_id", "profile_id", "window", "content_type_id"), 10**9),
    **dict.fromkeys(("user_id", "team_id"), 10**9),
    **dict.fromkeys(("slug", "tier", "object_id", "id"), "0"),
    **dict.fromkeys(("name", "range"), "123456-16"),
    "iin": "123456",
    "app_label": "jobs",
    "page": "index.html",
}


def routes(
    patterns: list[object] | None = None, prefix: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Name and pattern of every route there is."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLResolver):
            inner = f"{prefix}{one.namespace}:" if one.namespace else prefix
            yield from routes(one.url_patterns, inner)
        elif isinstance(one, URLPattern) and not _is_old(one):
            yield f"{prefix}{one.name}", one


def _is_old(pattern: URLPattern) -> bool:
    """The admin leads links of Django 1.8 to `change`; that has a row."""
    return pattern.name is None and pattern.lookup_str.endswith("RedirectView")


PATTERNS = dict(routes())


def address(name: str) -> str:
    wanted = PATTERNS[name].pattern.regex.groupindex
    try:
        return reverse(name, kwargs={each: SAMPLES[each] for each in wanted})
    except NoReverseMatch:
        return reverse(name, args=["0"])


def test_every_route_has_a_row_and_every_row_a_route():
    assert set(PATTERNS) == {*API, *PAGES, *ADMIN}


@pytest.mark.parametrize("name", sorted(API))
def test_a_view_of_the_api_has_the_methods_of_its_row(name):
    view: Any = PATTERNS[name].callback
    found = getattr(view, "cls", None) or view.__wrapped__.cls
    has = {method for method in METHODS if hasattr(found, method.lower())}
    assert has - {"OPTIONS", "HEAD"} == set(API[name])


def answers(
    ask: Ask, names: Iterator[str] | tuple[str, ...]
) -> Iterator[tuple[str, str, Needed | None, int]]:
    """Ask for everything by every method."""
    for name in sorted(names):
        for method in METHODS:
            yield name, method, needed(name, method), ask(method, address(name))


def wrong(ask: Ask, names: tuple[str, ...], *, rights: frozenset[Right]) -> list[str]:
    """Tell what was answered that the table does not say."""
    return [
        f"{method} {name} needs {right}: {status}"
        for name, method, right, status in answers(ask, names)
        if not _is_right(status, right, rights)
    ]


def _is_right(status: int, right: Needed | None, rights: frozenset[Right]) -> bool:
    if right is None:
        return status in (403, 405)
    if isinstance(right, Open) or right in rights:
        return status not in (401, 403) and status < 500
    return status == 403


def session_of(user: User) -> Ask:
    """Ask as a browser, which signs in again after it was signed out."""
    client = Client()
    client.force_login(user)

    def ask(method: str, path: str) -> int:
        status = client.generic(method, path, b"", content_type="application/json").status_code
        if "logout" in path:
            client.force_login(user)
        return status

    return ask


def key_of(key: str | None, **meta: str) -> Ask:
    """Ask as a program."""
    client = APIClient(**({"HTTP_X_API_KEY": key} if key else {}), **meta)

    def ask(method: str, path: str) -> int:
        return client.generic(method, path, b"", content_type="application/json").status_code

    return ask


@pytest.mark.parametrize("role", Role)
def test_a_session_may_what_its_role_may(catalogue, role):
    ask = session_of(make_user("ann", role=role))
    rights = RIGHTS_OF[role]
    # Any page could have a link that mints: that GET needs a key.
    by_key = ["GET generate needs cards:mint: 403"] if Right.MINT in rights else []
    assert wrong(ask, (*API, *PAGES, *ADMIN), rights=rights) == by_key


def test_somebody_without_a_role_may_nothing(catalogue):
    ask = session_of(User.objects.create_user("ann", is_staff=True))
    assert wrong(ask, (*API, *PAGES, *ADMIN), rights=frozenset()) == []


@pytest.mark.parametrize("role", Role)
def test_a_key_may_what_the_role_of_its_user_may(catalogue, role):
    ask = key_of(create_key(user=make_user("ann", role=role), name="all"))
    assert wrong(ask, tuple(API), rights=RIGHTS_OF[role]) == []


@pytest.mark.parametrize("right", Right)
def test_a_key_may_what_its_scope_says(catalogue, right):
    user = make_user("ann", role=Role.ADMINISTRATOR)
    ask = key_of(create_key(user=user, name="one", scopes=[right]))
    assert wrong(ask, tuple(API), rights=frozenset({right})) == []


def test_a_key_may_no_more_than_its_user_since_a_role_was_taken_away(catalogue):
    user = make_user("ann", role=Role.ADMINISTRATOR)
    ask = key_of(create_key(user=user, name="all"))
    user.groups.clear()
    assert wrong(ask, tuple(API), rights=frozenset()) == []


def test_nobody_is_let_in_without_signing_in(catalogue):
    for name, method, right, status in answers(key_of(None), tuple(API)):
        assert status == 401, (method, name, right)
    for name, method, right, status in answers(key_of(None), (*PAGES, *ADMIN)):
        if right == Open.EVERYBODY:
            assert status not in (401, 403), (method, name)
        else:
            refused = 405 if right is None and ROUTES[name] else 302
            assert status == refused, (method, name, right)


STOPPED = {
    "revoked": {"revoked_at": timezone.now()},
    "suspended": {"suspended_at": timezone.now()},
    "expired": {"expires_at": timezone.now() - timedelta(seconds=1)},
    "of another network": {"networks": ["10.0.0.0/8", "2001:db8::/32"]},
}


@pytest.mark.parametrize("how", STOPPED)
def test_a_key_that_was_stopped_opens_nothing(catalogue, how):
    ask = key_of(create_key(user=make_user("ann", role=Role.ADMINISTRATOR), name="all"))
    ApiKey.objects.update(**STOPPED[how])
    assert {status for *_, status in answers(ask, tuple(API))} <= {401, 429}


@pytest.mark.parametrize("ask_as", ["key", "session"])
def test_a_deactivated_user_is_nobody(catalogue, ask_as):
    user = make_user("ann", role=Role.ADMINISTRATOR)
    client = Client()
    client.force_login(user)
    key = create_key(user=user, name="all")
    User.objects.update(is_active=False)
    ask = (
        key_of(key) if ask_as == "key" else lambda way, path: client.generic(way, path).status_code
    )
    assert {status for *_, status in answers(ask, tuple(API))} <= {401, 403, 429}
    assert client.get("/").status_code == 302


def test_a_session_without_the_token_of_a_form_changes_nothing(catalogue):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("ann", role=Role.ADMINISTRATOR))
    for name in (*API, *PAGES, *ADMIN):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            if needed(name, method) not in (None, Open.EVERYBODY):
                status = client.generic(method, address(name), b"").status_code
                assert status == 403, (method, name)
