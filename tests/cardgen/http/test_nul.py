"""A NUL byte in a URL is the client's mistake, whatever route it is."""

import re

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.support.answers import assert_problem

PARAMETERS = ("q", "name", "source", "reason", "after", "range", "p", "status__exact", "format")


def routes(patterns: list, prefix: str = "/") -> list[str]:
    found = []
    for one in patterns:
        if isinstance(one, URLResolver):
            found += routes(one.url_patterns, prefix + str(one.pattern))
        elif isinstance(one, URLPattern):
            found.append(prefix + str(one.pattern).lstrip("^").rstrip("$"))
    return found


def with_nul() -> list[str]:
    """Every route of the project with a NUL byte for each name in its path."""
    return [re.sub("<[^>]*>", "%00", route) for route in routes(get_resolver().url_patterns)]


@pytest.mark.parametrize("method", ["get", "post", "patch", "delete"])
def test_a_name_with_one_is_refused(admin_client, catalogue, method):
    urls = [url for url in with_nul() if "%00" in url]
    assert any("test-keys" in url for url in urls)
    assert any("admin" in url for url in urls)
    for url in urls:
        assert getattr(admin_client, method)(url).status_code in (400, 404, 405), url


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_a_parameter_with_one_is_refused(admin_client, catalogue, parameter):
    for route in routes(get_resolver().url_patterns):
        if "<" not in route and "(" not in route:
            answer = admin_client.get(f"{route}?{parameter}=%00")
            assert answer.status_code < 500, route


def test_the_answer_is_a_problem_and_for_people_a_page(client, api):
    assert_problem(api.get("/api/v1/issuer-ranges/%00/test-keys"), 400, "invalid_request")
    page = client.get("/%00", HTTP_ACCEPT="text/html")
    assert page.status_code == 400
    assert "NUL byte" in page.content.decode()
