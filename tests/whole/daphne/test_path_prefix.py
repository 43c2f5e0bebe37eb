"""Behind a real proxy that puts a path before all, and takes it off or leaves it there."""

from collections.abc import Iterator

import httpx
import pytest
from django.contrib.auth.models import User
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.support.keys import create_key, make_user
from tests.support.prefixing import proxy
from tests.support.processes import PATIENCE, web
from toolkit.rights import Role

PREFIX = "/cards"
MORE_THAN_USUAL = 200_000  # lines of 17 bytes: 3.4 MB


@pytest.fixture(scope="module")
def rooted(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a web process that is told of the path."""
    log = tmp_path_factory.mktemp("web") / "web.log"
    with web(log, "--root-path", PREFIX, CARDGEN_DATABASE_POOL="3") as address:
        yield address


@pytest.fixture(params=[True, False], ids=["taken off", "left there"])
def behind(rooted: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address that clients know."""
    with proxy(rooted, prefix=PREFIX, strips=request.param) as address:
        yield address


@pytest.fixture
def key(owner: User) -> dict[str, str]:
    """Headers with a key."""
    return {"X-API-Key": create_key(user=owner, name="harness")}


def get(address: str, **headers: str) -> httpx.Response:
    """Ask over a connection of its own: the proxy reads one request of each."""
    return httpx.get(address, headers={"Connection": "close"} | headers)


def test_sockets_open_under_the_path(behind: str, key: dict[str, str]) -> None:
    with connect(f"{behind.replace('http', 'ws')}/ws/jobs", additional_headers=key) as feed:
        feed.ping().wait(PATIENCE)


def test_a_socket_that_there_is_not_is_refused(behind: str, key: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(f"{behind.replace('http', 'ws')}/ws/nothing", additional_headers=key)
    assert refused.value.response.status_code == 403


def test_pages_lead_back_under_the_path(behind: str) -> None:
    asked = get(f"{behind}/jobs?q=nightly")
    assert asked.status_code == 302
    assert asked.headers["Location"] == f"{PREFIX}/login?next=/cards/jobs%3Fq%3Dnightly"
    page = get(f"{behind}/login").text
    assert f'href="{PREFIX}/static/' in page
    assert 'href="/static/' not in page
    assert get(f"{behind}/static/cardgen/cardgen.css").status_code == 200


def test_the_api_answers_and_its_pages_follow_the_path(behind: str, key: dict[str, str]) -> None:
    page = get(f"{behind}/api/v1/schemes?limit=1", **key)
    assert page.status_code == 200
    assert f"{PREFIX}/api/v1/schemes?" in page.json()["next"]
    assert get(f"{behind}/health/live").status_code == 200


def test_an_error_of_the_api_is_a_problem_in_json(behind: str) -> None:
    asked = get(f"{behind}/api/v1/schemas", Accept="text/html")
    assert asked.status_code in {401, 404}
    assert asked.json()["type"].startswith("urn:cardgen:problem:")


def test_a_large_import_is_taken_under_the_path(behind: str, owner: User) -> None:
    boss = make_user("boss", role=Role.ADMINISTRATOR)
    key = {"X-API-Key": create_key(user=boss, name="nightly"), "Content-Type": "text/plain"}
    numbers = "".join(f"000000{place:010d}\n" for place in range(MORE_THAN_USUAL))
    done = httpx.post(
        f"{behind}/api/v1/exclusions/import?dry_run=true",
        content=numbers,
        headers=key | {"Connection": "close"},
        timeout=PATIENCE,
    )
    assert done.status_code == 200, done.text
    assert done.json()["lines"] == MORE_THAN_USUAL
