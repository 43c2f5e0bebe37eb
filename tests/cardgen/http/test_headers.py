"""Every route says whom its answer is for: found in the URL configuration, so new ones too."""

from collections.abc import Iterator

from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.support.keys import create_key

_ID = "00000000-0000-0000-0000-000000000000"


def routes(within: URLResolver | None = None, path: str = "/") -> Iterator[str]:
    for one in (within or get_resolver()).url_patterns:
        here = path + filled(one)
        if isinstance(one, URLPattern):
            yield here
        else:
            yield from routes(one, here)


def filled(one: URLPattern | URLResolver) -> str:
    """Write values where the route has parameters."""
    text = str(one.pattern)
    for name, converter in one.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower()
        value = _ID if kind == "uuid" else "1"
        text = text.replace(f"<{kind}:{name}>", value).replace(f"<{name}>", value)
    return text if text[:1] not in "^(" or not text else "x/"


PATHS = sorted(set(routes()))


def callers(user) -> Iterator[Client]:
    yield Client(headers={"X-API-Key": create_key(user=user, name="k")})
    signed_in = Client()
    signed_in.force_login(user)
    yield signed_in
    yield Client()


def test_the_routes_are_found():
    assert len(PATHS) > 60
    assert {"/api/v1/cards/generate", "/login", "/admin/", "/api/v1/quota"} <= set(PATHS)


def test_no_cache_mixes_callers_up(user, catalogue):
    mixed_up = [
        path
        for client in callers(user)
        for path in PATHS
        if not path.startswith("/health") and not is_for_one(client.get(path))
    ]
    assert not mixed_up


def is_for_one(response: HttpResponse) -> bool:
    """Tell whether no cache gives the answer to another caller."""
    vary = {name.strip().lower() for name in response.get("Vary", "").split(",")}
    kept = {rule.strip() for rule in response.get("Cache-Control", "").split(",")}
    return {"authorization", "x-api-key", "cookie"} <= vary and bool({"private", "no-store"} & kept)


def test_what_a_view_says_stays(api, submit):
    job = submit()
    response = api.get(f"/api/v1/cards/jobs/{job.id}/status")
    assert response["Cache-Control"] == "private, no-cache"
    assert "X-API-Key" in response["Vary"]


def test_a_url_that_is_refused_says_so_too(db):
    assert is_for_one(Client().get("/issuer-ranges/%00"))


def test_old_routes_say_since_when_and_until_when(api, catalogue):
    old = api.get("/api/v1/cards/vendors")
    assert (old["Deprecation"], old["Sunset"][-8:]) == ("@1795824000", "0:00 GMT")
    assert 'rel="deprecation"' in old["Link"]
    assert "Deprecation" in api.get("/api/v1/cards/generate?vendor=visa")
    assert "Deprecation" not in api.get("/api/v1/schemes")
