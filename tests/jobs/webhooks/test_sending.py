"""One attempt, against servers that misbehave."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from jobs.webhooks import sending
from tests.support.receiver import listening

pytestmark = pytest.mark.usefixtures("loopback_allowed")


@contextmanager
def answering(*pieces: bytes, pause: float = 0.0) -> Iterator[str]:
    """A server that takes one connection and sends these bytes, with a pause after each."""

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65_536)
            for piece in pieces:
                try:
                    connection.sendall(piece)
                except OSError:
                    return
                time.sleep(pause)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread.join()


def post(url: str) -> sending.Sending:
    return sending.send(url, body=b"{}", headers={})


@pytest.fixture
def impatient(monkeypatch) -> None:
    """Half a second instead of five."""
    monkeypatch.setattr(sending, "SECONDS", 0.5)


def test_a_server_that_hangs_is_given_up(impatient, receiver):
    receiver.may_answer.clear()
    started = time.monotonic()
    assert "No answer within" in post(receiver.url).error
    assert time.monotonic() - started < 4


def test_a_server_that_dribbles_is_given_up_too(impatient):
    with answering(*[b"H"] * 60, pause=0.1) as url:
        started = time.monotonic()
        assert "No answer within" in post(url).error
        assert time.monotonic() - started < 4


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 abc\r\n", b"x" * 5_000])
def test_an_answer_that_is_not_http_is_a_failure(answer):
    with answering(answer) as url:
        outcome = post(url)
    assert outcome.status is None
    assert outcome.error in {"The answer was not HTTP.", "The connection failed."}


@pytest.mark.parametrize(("status", "arrived"), [(200, True), (204, True), (299, True)])
def test_any_2xx_has_arrived(status, arrived):
    with answering(f"HTTP/1.1 {status} Fine\r\n\r\n".encode()) as url:
        outcome = post(url)
    assert (outcome.status, outcome.arrived, outcome.error) == (status, arrived, "")


@pytest.mark.parametrize("status", [199, 301, 400, 404, 500])
def test_nothing_else_has(status):
    with answering(f"HTTP/1.1 {status} No\r\n\r\n".encode()) as url:
        outcome = post(url)
    assert (outcome.status, outcome.arrived) == (status, False)


@pytest.mark.parametrize(
    ("status", "redirects"),
    [(300, False), (301, True), (302, True), (303, True), (304, False), (307, True), (308, True)],
)
def test_no_3xx_has_arrived_and_only_a_redirect_is_called_one(status, redirects):
    with answering(f"HTTP/1.1 {status} Elsewhere\r\nLocation: /\r\n\r\n".encode()) as url:
        outcome = post(url)
    assert (outcome.status, outcome.arrived) == (status, False)
    assert ("redirects are not followed" in outcome.error) is redirects


def test_a_name_is_looked_up_once_so_that_it_cannot_change_after_the_check(monkeypatch, receiver):
    asked, look_up = [], socket.getaddrinfo

    def rebinding(host: str, *arguments: object, **options: object) -> object:
        # Names leave the machine, so this one is resolved here.
        if host == "hook.example":
            asked.append(host)
            host = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
        return look_up(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    assert post(receiver.url.replace("127.0.0.1", "hook.example")).arrived
    assert asked == ["hook.example"]
    assert receiver.requests[0].headers["Host"].startswith("hook.example:")


def test_a_name_that_resolves_to_a_private_address_is_sent_nothing(monkeypatch, receiver, settings):
    settings.CARDGEN_WEBHOOK_NETWORKS = []
    found = [(0, 0, 0, "", ("127.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    outcome = post(receiver.url.replace("127.0.0.1", "hook.example"))
    assert "not public: nothing was sent" in outcome.error
    assert not receiver.requests


def test_a_name_nobody_knows_is_told():
    assert post("https://hooks.invalid/").error == "The host name is not known."


def test_tls_is_checked_against_the_name(tls, monkeypatch):
    server, authority = tls
    with listening(tls=server, host="localhost") as receiver:
        assert post(receiver.url).error == "The certificate of the host is not valid."
        assert not receiver.requests
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        assert post(receiver.url).arrived
        by_address = receiver.url.replace("localhost", "127.0.0.1")
        assert post(by_address).error == "The certificate of the host is not valid."
    assert len(receiver.requests) == 1
