"""Log-ins from strangers take nothing away from anybody else."""

import http.client
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User

from tests.support.keys import create_key
from tests.support.processes import web
from tests.support.threads import at_once

NOWHERE = "redis://127.0.0.1:1/0"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def ask(
    site: str, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
) -> tuple[int, http.client.HTTPMessage, str]:
    """Ask over a connection of its own; return status, headers and body."""
    with closing(http.client.HTTPConnection(site.removeprefix("http://"), timeout=60)) as client:
        client.request(method, path, body or None, headers or {})
        response = client.getresponse()
        return response.status, response.headers, response.read().decode()


def log_in(site: str, *, username: str, password: str = "wrong") -> int:
    """Send the form as a browser does."""
    _, headers, page = ask(site, "GET", "/login")
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[0]
    cookie = headers["Set-Cookie"].partition(";")[0]
    form = {"username": username, "password": password, "csrfmiddlewaretoken": token}
    return ask(site, "POST", "/login", urlencode(form), FORM | {"Cookie": cookie})[0]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of a web process."""
    return tmp_path_factory.mktemp("web") / "web.log"


@pytest.fixture(scope="module")
def small_site(django_db_setup: None, log: Path) -> Iterator[str]:
    """A web process with three database connections."""
    with web(log, CARDGEN_DATABASE_POOL="3") as address:
        yield address


def test_sixty_log_ins_at_once_leave_the_service_to_others(small_site, log, owner):
    key = {"X-API-Key": create_key(user=owner, name="k"), "Content-Type": "application/json"}
    order = json.dumps({"scheme": "visa", "count": 1})

    def one(number: int) -> int:
        if number % 10:
            return log_in(small_site, username=f"nobody-{number}")
        return ask(small_site, "POST", "/api/v1/cards/generate", order, key)[0] * 10

    found = Counter(at_once(66, one))
    assert found[2010 if 2010 in found else 2000] == 7, found
    assert found.keys() <= {200, 429, 2000, 2010}, found
    assert found[429]
    assert "Traceback" not in log.read_text()


def test_the_admin_has_no_log_in_of_its_own(small_site):
    status, headers, _ = ask(small_site, "GET", "/admin/login/")
    assert (status, headers["Location"].partition("?")[0]) == (302, "/login")
    assert ask(small_site, "POST", "/admin/login/", "username=a&password=b", FORM)[0] in (302, 403)


@pytest.mark.django_db(transaction=True)
def test_a_stranger_who_fails_does_not_keep_the_user_out_elsewhere(small_site):
    User.objects.create_user("victim", password="the right one")
    headers = {"X-Forwarded-For": "192.0.2.1"}
    assert [log_in(small_site, username="victim") for _ in range(11)][-1] == 429
    status, _, body = ask(small_site, "POST", "/login", headers=headers | {"Accept": "text/html"})
    assert status == 403, body  # no token: it came as far as Django


def test_without_valkey_nobody_signs_in_and_keys_work(tmp_path, owner):
    with web(tmp_path / "log", CACHE_URL=NOWHERE) as site:
        assert log_in(site, username="somebody") == 503
        key = {"X-API-Key": create_key(user=owner, name="k")}
        assert ask(site, "GET", "/api/v1/webhooks", headers=key)[0] == 200


def test_pages_without_a_database_say_so_and_log_one_line(tmp_path):
    log = tmp_path / "log"
    away = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "CARDGEN_DATABASE_POOL": "0"}
    with web(log, **away) as site:
        cookie = {"Cookie": "sessionid=" + "a" * 32, "Accept": "text/html"}
        status, headers, page = ask(site, "GET", "/", headers=cookie)
    assert (status, headers["Retry-After"]) == (503, "5")
    assert "The database does not answer" in page
    assert "Traceback" not in log.read_text()
    assert log.read_text().count("database unavailable") == 1


@pytest.mark.parametrize("path", ["/zzz/health/live", "/zzz/admin/login/", "/zzz/api/v1/tiers"])
def test_no_client_moves_the_root_of_all_paths(small_site, path):
    assert ask(small_site, "GET", path, headers={"Daphne-Root-Path": "/zzz"})[0] == 404
