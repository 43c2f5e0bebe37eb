"""Requests of the API change threads once; waiting ones hold no thread at all."""

import threading
from collections.abc import Callable

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from cardgen.server import Handler
from tests.support.keys import create_key

THREADS: list[int] = []


class Noted(MiddlewareMixin):
    """Notes the thread on the way in and on the way out."""

    def process_request(self, request: HttpRequest) -> None:
        THREADS.append(threading.get_ident())

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        THREADS.append(threading.get_ident())
        connection.close()  # or it stays open with the thread, and the test's database cannot go
        return response


def ask(path: str, *, key: str = "") -> tuple[int, dict[bytes, bytes], bytes]:
    """Ask over ASGI; return status, headers and body."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"x-api-key", key.encode())],
    }

    async def talk() -> tuple[int, dict[bytes, bytes], bytes]:
        application = ApplicationCommunicator(Handler(), scope)
        await application.send_input({"type": "http.request", "body": b""})
        start = await application.receive_output(10)
        body = await application.receive_output(10)
        await application.wait(10)
        return start["status"], dict(start["headers"]), body["body"]

    return async_to_sync(talk)()


@pytest.fixture
def noted(settings) -> Callable[[], set[int]]:
    """Middleware that notes its threads between all others; gives what it noted."""
    THREADS.clear()
    name = f"{__name__}.{Noted.__name__}"
    settings.MIDDLEWARE = [name, *settings.MIDDLEWARE, name]
    return lambda: set(THREADS)


@pytest.mark.django_db(transaction=True)
def test_a_request_of_the_api_is_answered_in_one_thread(noted, owner):
    status, headers, _ = ask("/api/v1/webhooks", key=create_key(user=owner, name="a test"))
    assert (status, len(noted()), len(THREADS)) == (200, 1, 4)
    assert threading.get_ident() not in noted()
    assert {b"X-Content-Type-Options", b"X-Frame-Options"} <= headers.keys()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/v1/nothing", 404), ("/api/v1/webhooks", 401), ("/login", 200), ("/nothing", 404)],
)
def test_all_ways_answer(noted, catalogue, path, status):
    assert ask(path)[0] == status
    assert len(THREADS) == 4


@pytest.mark.django_db(transaction=True)
def test_a_view_that_waits_stays_in_the_event_loop(noted, submit, user):
    job = submit()
    path = f"/api/v1/cards/jobs/{job.id}/status"
    status, _, body = ask(path, key=create_key(user=user, name="a test"))
    assert (status, str(job.id).encode() in body) == (200, True)
