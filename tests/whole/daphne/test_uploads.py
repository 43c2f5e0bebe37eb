"""Uploads through a real Daphne: bodies over the limit are refused while they arrive."""

import http.client
import socket
import time
from contextlib import closing

import pytest
from django.contrib.auth.models import User

from cardgen.access.keys import create_key
from tests.uniqueness.exclusions.files import OUTSIDE
from uniqueness.exclusions.imports.forms import MOST_BYTES
from uniqueness.models import Exclusion

LIMIT = MOST_BYTES + (1 << 20)
PATH = "/api/v1/exclusions/import"


@pytest.fixture
def address(site: str, transactional_db: None) -> tuple[str, int]:
    """Host and port of a web process."""
    host, _, port = site.removeprefix("http://").partition(":")
    return host, int(port)


def head(*lines: str) -> bytes:
    return "\r\n".join([f"POST {PATH} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()


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
    assert b"manage.py import_exclusions" in got


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
    assert Exclusion.objects.filter(pan=OUTSIDE).exists()
