"""Uploads through a real Daphne: bodies over the limit are refused while they arrive."""

import http.client
import socket
import time
from contextlib import closing

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cardgen.access.keys.text import new_key
from cardgen.access.models import ApiKey
from tests.support.exclusions import kept
from tests.support.keys import READ, create_key, make_user
from tests.uniqueness.exclusions.files import OUTSIDE
from toolkit.rights import Role
from toolkit.seats import Seats
from uniqueness.exclusions.imports.forms import MOST_BYTES

LIMIT = MOST_BYTES + (1 << 20)
PATH = "/api/v1/exclusions/import"


@pytest.fixture
def address(site: str, transactional_db: None) -> tuple[str, int]:
    """Host and port of a web process."""
    host, _, port = site.removeprefix("http://").partition(":")
    return host, int(port)


PLAUSIBLE = f"X-API-Key: {new_key()}"
"""Well-formed, and nobody's."""


def head(*lines: str, start: str = f"POST {PATH} HTTP/1.1", key: str = PLAUSIBLE) -> bytes:
    return "\r\n".join([start, "Host: localhost", key, *lines, "", ""]).encode()


def answer(to: socket.socket) -> bytes:
    to.settimeout(20)
    found = b""
    while piece := to.recv(65_536):
        found += piece
    return found


def test_what_announces_too_much_is_refused_before_it_comes(address):
    with socket.create_connection(address) as client:
        client.sendall(head("Content-Type: text/plain", f"Content-Length: {LIMIT + 1}"))
        got = answer(client)
    assert got.startswith(b"HTTP/1.1 413")
    assert b'"code": "too_large"' in got
    assert b"at most 64 MiB" in got
    assert b"cardgen import_exclusions" in got


@pytest.mark.parametrize(
    ("start", "key", "length", "detail"),
    [
        (f"POST {PATH} HTTP/1.1", "Cookie: other=1", 2_621_441, b"at most 2.5 MB"),
        (f"POST {PATH} HTTP/1.1", "X-API-Key: k", 2_621_441, b"at most 2.5 MB"),
        (f"POST {PATH} HTTP/1.1", "X-API-Key: cg_" + 49 * "x", 2_621_441, b"at most 2.5 MB"),
        (f"POST {PATH} HTTP/1.1", "Authorization: Basic eA==", 2_621_441, b"at most 2.5 MB"),
        ("POST /api/v1/cards/check HTTP/1.1", "X-API-Key: k", 2_621_441, b"at most 2.5 MB"),
        ("POST /login HTTP/1.1", "Cookie: sessionid=x", 2_621_441, b"at most 2.5 MB"),
        ("POST /health/live HTTP/1.1", "X-API-Key: k", 1, b"has no body"),
        (f"GET {PATH} HTTP/1.1", "X-API-Key: k", 1, b"has no body"),
    ],
)
def test_only_who_may_import_brings_much(address, start, key, length, detail):
    with socket.create_connection(address) as client:
        client.sendall(head(f"Content-Length: {length}", start=start, key=key))
        got = answer(client)
    assert got.startswith(b"HTTP/1.1 413")
    assert detail in got


def test_http_10_has_no_chunks(address):
    chunked = "Transfer-Encoding: chunked"
    with socket.create_connection(address) as client:
        client.sendall(head(chunked, start=f"POST {PATH} HTTP/1.0") + b"1\r\nx\r\n0\r\n\r\n")
        got = answer(client)
    assert got.startswith(b"HTTP/1.1 400")
    assert got.count(b"HTTP/1.1") == 1


def test_a_third_import_is_refused(address):
    places = Seats("imports", 2)
    held = [places.take(), places.take()]
    assert all(held)
    with socket.create_connection(address) as client:
        client.sendall(head("Content-Type: text/plain", "Content-Length: 1", "Connection: close"))
        client.sendall(b"4")
        got = answer(client)
    assert got.startswith(b"HTTP/1.1 429")
    assert b"Retry-After" in got


def megabytes_taken(client: socket.socket) -> int:
    """Send megabytes in chunks until the other side hangs up."""
    megabyte = b"100000\r\n" + b"4" * (1 << 20) + b"\r\n"
    for sent in range(400):
        try:
            client.sendall(megabyte)
        except OSError:
            return sent
        time.sleep(0.01)
    return 400


def test_what_comes_unannounced_is_cut_off_at_the_limit(address):
    with socket.create_connection(address) as client:
        client.sendall(head("Content-Type: text/plain", "Transfer-Encoding: chunked"))
        assert megabytes_taken(client) < 200


def sent_by(who: str) -> str:
    """Return the header by which somebody is known who may not import."""
    boss = User.objects.create_superuser("root")
    if who == "nobody":
        return PLAUSIBLE
    if who == "a viewer's session":
        browser = Client()
        browser.force_login(make_user("viewer", role=Role.VIEWER))
        return f"Cookie: sessionid={browser.cookies['sessionid'].value}"
    if who == "an ended session":
        return f"Cookie: sessionid={32 * 'a'}"
    key = create_key(user=boss, name="k", scopes=READ if who == "another scope" else None)
    ApiKey.objects.update(**STOPPED.get(who, {}))
    return f"Authorization: Bearer {key}"


STOPPED = {
    "an expired key": {"expires_at": "2026-01-01T00:00Z"},
    "a revoked key": {"revoked_at": "2026-01-01T00:00Z"},
    "a key of other networks": {"networks": ["10.0.0.0/8"]},
}
NOT_ADMITTED = {
    **dict.fromkeys(["nobody", "an ended session", *STOPPED], 401),
    **dict.fromkeys(["another scope", "a viewer's session"], 403),
}


@pytest.mark.parametrize(("who", "status"), NOT_ADMITTED.items())
def test_who_may_not_import_brings_no_more_than_anybody(address, who, status):
    with socket.create_connection(address) as client:
        client.sendall(head(f"Content-Length: {LIMIT}", key=sent_by(who)))
        client.sendall(b"4" * 2_700_000)
        got = answer(client)
    assert got.startswith(f"HTTP/1.1 {status}".encode())
    assert (b"WWW-Authenticate" in got) == (status == 401)


def test_nothing_more_is_read_from_who_may_not_import(address):
    with socket.create_connection(address) as client:
        client.sendall(head("Transfer-Encoding: chunked"))
        assert megabytes_taken(client) < 30


@pytest.mark.parametrize("chunked", [True, False])
def test_a_large_file_of_who_may_import_comes_whole(address, chunked):
    owner = User.objects.create_superuser("root")
    key = {"X-API-Key": create_key(user=owner, name="k"), "Content-Type": "text/plain"}
    host, port = address
    with closing(http.client.HTTPConnection(host, port, timeout=60)) as client:
        pieces = [f"{OUTSIDE}\n".encode() * 10_000] * 40
        client.request("POST", PATH, iter(pieces) if chunked else b"".join(pieces), key)
        response = client.getresponse()
        report = response.read()
    assert response.status == 200, report
    assert b'"duplicates":399999' in report


@pytest.mark.parametrize("chunked", [True, False])
def test_a_file_comes_announced_or_in_chunks(address, chunked):
    owner = User.objects.create_superuser("root")
    key = {"X-API-Key": create_key(user=owner, name="k"), "Content-Type": "text/plain"}
    host, port = address
    with closing(http.client.HTTPConnection(host, port, timeout=30)) as client:
        pieces = [f"{OUTSIDE}\n".encode()] * 20_000
        body = iter(pieces) if chunked else b"".join(pieces)
        client.request("POST", PATH, body, key)
        response = client.getresponse()
        report = response.read()
    assert response.status == 200, report
    assert b'"duplicates":19999' in report
    assert kept(OUTSIDE)
