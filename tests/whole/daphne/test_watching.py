"""Long polls and event streams through a real Daphne with a small pool of connections."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from http.client import HTTPResponse
from typing import Any

import pytest
from django.db import connection

from cardgen.access.models import ApiKey
from jobs import orders
from jobs.models import Job
from jobs.orders import Origin
from jobs.watching.waiting import MOST_WAITERS, places
from tests.support.fixtures import an_order, silent
from tests.support.keys import create_key, make_user
from tests.support.processes import web
from tests.support.teams import make_team
from tests.support.threads import at_once
from tests.support.work import mint_one_chunk
from tests.whole.daphne.conftest import POOL

pytestmark = pytest.mark.django_db(transaction=True)
_answers = ExitStack()


@pytest.fixture(autouse=True)
def answers() -> Iterator[None]:
    """Close whatever a test was answered."""
    with _answers:
        yield


@pytest.fixture
def key(user) -> str:
    """An API key."""
    return create_key(user=user, name="watcher")


@pytest.fixture
def address(site: str, catalogue: None) -> str:
    """A web process with a small pool of connections."""
    return site


@pytest.fixture(scope="module")
def deaf_site(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a web process whose channel layer has no server."""
    folder = tmp_path_factory.mktemp("deaf")
    with web(folder / "web.log", CHANNEL_URL=f"unix://{folder}/nobody.sock") as address:
        yield address


@pytest.fixture
def deaf_address(deaf_site: str, catalogue: None) -> str:
    """A web process whose channel layer has no server."""
    return deaf_site


def ask(address: str, job: Job, part: str, *, key: str, **headers: str) -> HTTPResponse:
    """Ask for a part of a job; 304 is no error."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"{address}/api/v1/cards/jobs/{job.id}{part}"
    request = urllib.request.Request(url, headers={"X-API-Key": key} | named)
    try:
        response: HTTPResponse = urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as error:
        response = error  # type: ignore[assignment]  # it is the response too
    return _answers.enter_context(closing(response))


def timed(action: Callable[[], HTTPResponse]) -> tuple[HTTPResponse, float]:
    began = time.monotonic()
    return action(), time.monotonic() - began


@contextmanager
def later(action: Callable[[], object], *, after: float = 1.0) -> Iterator[None]:
    """Do something from another thread while the test waits."""

    def run() -> None:
        try:
            action()
        finally:
            connection.close()

    timer = threading.Timer(after, run)
    timer.start()
    yield
    timer.join()


def minting(job: Job) -> AbstractContextManager[None]:
    """Mint the job a little later, as a worker would."""
    return later(lambda: mint_one_chunk(job))


def event(stream: HTTPResponse) -> dict[str, str]:
    """Read the next event, its comments left out; empty at the end of the stream."""
    found: dict[str, str] = {}
    while line := stream.readline().decode():
        name, colon, value = line.rstrip("\n").partition(": ")
        if line == "\n" and "data" in found:
            return found
        if colon and name:
            found[name] = value
    return {}


def events_of(stream: HTTPResponse) -> list[dict[str, Any]]:
    return [json.loads(found["data"]) for found in iter(lambda: event(stream), {})]


def healthy(address: str) -> bool:
    with urllib.request.urlopen(f"{address}/health", timeout=15) as response:
        return bool(json.load(response)["database"] == "up")


def test_a_status_is_held_back_until_it_changes(submit, key, address):
    job = submit()
    tag = ask(address, job, "/status", key=key).headers["ETag"]
    with minting(job):
        answer, seconds = timed(
            lambda: ask(address, job, "/status?wait=20", key=key, If_None_Match=tag)
        )
    assert json.load(answer)["version"] > int(tag.strip('"'))
    assert 0.5 < seconds < 4


def test_without_a_tag_the_current_version_is_the_one_to_change(submit, key, address):
    job = submit()
    with minting(job):
        answer, seconds = timed(lambda: ask(address, job, "/status?wait=20", key=key))
    assert json.load(answer)["version"] > job.version
    assert seconds > 0.5


def test_a_status_that_does_not_change_is_304_in_the_end(submit, key, address):
    job = submit()
    tag = ask(address, job, "/status", key=key).headers["ETag"]
    answer, seconds = timed(lambda: ask(address, job, "/status?wait=1", key=key, If_None_Match=tag))
    assert (answer.status, answer.headers["ETag"]) == (304, tag)
    assert 1 <= seconds < 3


def test_news_and_final_states_are_told_at_once(submit, key, address):
    job = submit()
    assert timed(lambda: ask(address, job, "/status?wait=20", key=key, If_None_Match='"0"'))[1] < 3
    mint_one_chunk(job)
    answer, seconds = timed(lambda: ask(address, job, "/status?wait=20", key=key))
    assert json.load(answer)["status"] == "succeeded"
    assert seconds < 3


@pytest.mark.parametrize("wait", ["0", "61", "x", "-1"])
def test_a_wrong_wait_is_told_why(api, submit, wait):
    answer = api.get(f"/api/v1/cards/jobs/{submit().id}/status?wait={wait}")
    assert answer.json()["errors"][0]["pointer"] == "/wait"


def test_whoever_waits_holds_no_connection(submit, key, address):
    job = submit()
    waiting = threading.Thread(
        target=at_once,
        args=(4 * POOL, lambda _: ask(address, job, "/status?wait=6", key=key).status),
    )
    waiting.start()
    time.sleep(2)
    assert timed(lambda: ask(address, job, "", key=key))[1] < 2
    assert healthy(address)
    waiting.join()


def test_without_a_channel_server_a_waiter_reads_again(submit, key, deaf_address):
    job = submit()
    with minting(job):
        answer, seconds = timed(lambda: ask(deaf_address, job, "/status?wait=20", key=key))
    assert json.load(answer)["status"] == "succeeded"
    assert seconds < 8


def test_two_who_hoard_places_to_wait_leave_one_to_a_third(submit, user, other_user, key, address):
    hoarded = [places.take(one.pk) for one in (user, other_user) for _ in range(MOST_WAITERS)]
    at_once = timed(lambda: ask(address, submit(), "/status?wait=20", key=key))[1]
    third = make_user("third")
    job = orders.submit(order=an_order(), origin=Origin(owner=third), ring=silent)
    watcher = create_key(user=third, name="watcher")
    waited = timed(lambda: ask(address, job, "/status?wait=1", key=watcher))[1]
    assert (at_once < 3, waited >= 1) == (True, True)
    assert hoarded.count(None)


def test_a_stream_tells_every_state_to_the_last_and_ends(submit, key, address):
    job = submit()
    with minting(job), ask(address, job, "/events", key=key) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        messages = events_of(stream)
    assert [messages[0]["status"], messages[-1]["status"]] == ["queued", "succeeded"]
    versions = [message["version"] for message in messages]
    assert versions == sorted(set(versions))
    assert messages[-1]["produced"] == 10


def test_an_event_is_the_websocket_message_under_its_version(submit, key, address):
    job = submit()
    with ask(address, job, "/events", key=key) as stream:
        first = event(stream)
    message = json.loads(first["data"])
    assert (first["event"], first["id"]) == ("job", str(message["version"]))
    assert list(message) == [
        "type", "id", "version", "status", "requested", "produced", "rate", "eta_seconds",
    ]  # fmt: skip


def test_a_stream_goes_on_behind_the_last_event(submit, key, address):
    job = submit()
    version = str(job.version)
    with minting(job):
        stream = ask(address, job, "/events", key=key, Last_Event_ID=version)
        messages = events_of(stream)
    assert all(message["version"] > int(version) for message in messages)
    assert messages[-1]["status"] == "succeeded"


def test_whoever_has_the_final_version_is_told_not_to_come_back(submit, key, address):
    job = submit()
    mint_one_chunk(job)
    with ask(address, job, "/events", key=key) as stream:
        (last,) = events_of(stream)
    again = ask(address, job, "/events", key=key, Last_Event_ID=str(last["version"]))
    assert again.status == 204


def test_lost_messages_cost_a_stream_nothing(submit, key, deaf_address):
    job = submit()
    with minting(job), ask(deaf_address, job, "/events", key=key) as stream:
        assert events_of(stream)[-1]["status"] == "succeeded"


def test_streams_hold_no_connection_and_leave_when_their_clients_do(submit, key, address):
    job = submit()
    for _ in range(2):
        streams = [ask(address, job, "/events", key=key) for _ in range(3 * POOL)]
        assert all(event(stream) for stream in streams)
        assert timed(lambda: ask(address, job, "", key=key))[1] < 2
        assert healthy(address)
        for stream in streams:
            stream.close()


@pytest.mark.parametrize("part", ["/events", "/status?wait=20"])
def test_nobody_watches_what_is_not_theirs(submit, other_user, address, part):
    job = submit()
    stranger = create_key(user=other_user, name="stranger")
    answer, seconds = timed(lambda: ask(address, job, part, key=stranger))
    assert (answer.status, json.load(answer)["code"]) == (404, "not_found")
    assert ask(address, job, part, key="x").status == 401
    assert seconds < 3


def test_a_revoked_key_ends_its_wait(submit, key, address):
    job = submit()
    with later(ApiKey.objects.all().delete):
        answer, seconds = timed(lambda: ask(address, job, "/status?wait=30", key=key))
    assert answer.status == 401
    assert seconds < 10


@pytest.mark.parametrize("last", ["x", "-1"])
def test_a_wrong_last_event_id_is_told_why(submit, key, address, last):
    answer = ask(address, submit(), "/events", key=key, Last_Event_ID=last)
    assert (answer.status, json.load(answer)["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("part", ["/events", "/status?wait=20"])
def test_whoever_has_left_the_team_watches_no_more(submit, user, address, part):
    member = make_user("member")
    team = make_team("checkout", user, member)
    job = submit(team=team.name)
    key = create_key(user=member, name="k")
    began = time.monotonic()
    with later(lambda: team.members.remove(member)):
        last = ask(address, job, part, key=key).read().decode()
    assert time.monotonic() - began < 10
    assert '"code":"not_found"' in last if "wait" in part else last.count("event: job") == 1
