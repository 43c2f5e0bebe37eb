"""CACHE_URL: what each form becomes, and what is refused with the forms that are allowed."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from redis import Redis

from cardgen.configuration import cache


def options(url):
    return cache.caches(url, timeout=0.25)["default"]["OPTIONS"]


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "redis://cache.example:6380/3",
        "rediss://user:p,w@cache.example/0?ssl_ca_certs=/etc/ca.pem",
        "unix:///run/valkey.sock?db=1",
        "redis://[::1]:6379/1",
    ],
)
def test_one_server_is_passed_on_as_it_stands(url):
    found = cache.caches(url, timeout=0.25)["default"]
    assert found["LOCATION"] == [url]
    assert found["OPTIONS"]["CONNECTION_POOL_KWARGS"]["socket_timeout"] == 0.25
    Redis.from_url(url)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("REDIS://localhost/1", "redis://localhost/1"),
        (" redis://localhost/1\n", "redis://localhost/1"),
        ("Unix:///run/V.sock?db=1", "unix:///run/V.sock?db=1"),
    ],
)
def test_capitals_and_blanks_around_it_do_no_harm(written, meant):
    (location,) = cache.caches(written, timeout=0.25)["default"]["LOCATION"]
    assert location == meant
    Redis.from_url(location)


def test_sentinels_are_read_with_their_service_and_database():
    found = cache.caches(
        "redis+sentinel://me:s%40cret@s1,s2:5000/cards/2?sentinel_password=other", timeout=0.25
    )["default"]
    assert found["LOCATION"] == ["redis://cards/2"]
    assert found["OPTIONS"]["SENTINELS"] == [("s1", 26379), ("s2", 5000)]
    assert found["OPTIONS"]["SENTINEL_KWARGS"]["password"] == "other"
    servers = found["OPTIONS"]["CONNECTION_POOL_KWARGS"]
    assert (servers["username"], servers["password"]) == ("me", "s@cret")
    assert "sentinel_password" not in servers


def test_cluster_nodes_are_read():
    found = cache.caches("rediss+cluster://:pw@a:1,[::1]:2,c/0", timeout=0.25)["default"]
    assert found["LOCATION"] == ["a:1,::1:2,c:6379"]
    assert found["OPTIONS"]["CONNECTION_POOL_KWARGS"] == {
        "socket_timeout": 0.25,
        "socket_connect_timeout": 0.25,
        "ssl": True,
        "password": "pw",
    }


def test_nothing_from_the_cache_is_ever_unpickled():
    for url in ("redis://a", "unix:///a", "redis+cluster://a", "redis+sentinel://a/b"):
        assert options(url)["SERIALIZER"].endswith("JSONSerializer")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "unknown scheme"),
        ("memcached://a", "unknown scheme"),
        ("redis+other://a", "unknown scheme"),
        ("redis://", "host that cannot be read"),
        ("redis://a:99999/0", "host that cannot be read"),
        ("redis://a/one", "not a number"),
        ("redis://a/?db=x", "not a number"),
        ("redis://a/?socket_timeout=60", "unknown option"),
        ("redis://a/?ssl_ca_certs=/x", "unknown option"),
        ("unix://?db=1", "no path"),
        ("redis+sentinel://a,b", "names no Sentinel service"),
        ("redis+cluster://a,,b", "host that cannot be read"),
        ("redis+cluster://a b", "host that cannot be read"),
        ("redis+cluster://a/1", "only number 0"),
        ("redis+cluster://a?db=1", "only number 0"),
        ("redis+cluster://a?sentinel_password=x", "unknown option"),
    ],
)
def test_a_wrong_url_is_refused_with_the_forms_that_are_allowed(url, reason):
    with pytest.raises(ImproperlyConfigured, match=reason) as refused:
        cache.caches(url, timeout=0.25)
    assert "redis+sentinel://" in str(refused.value)


def test_a_refusal_does_not_show_the_password():
    with pytest.raises(ImproperlyConfigured) as refused:
        cache.caches("redis+cluster://me:hunter2@a/5", timeout=0.25)
    assert "hunter2" not in str(refused.value)
