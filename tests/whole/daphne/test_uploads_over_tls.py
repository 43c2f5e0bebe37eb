"""The same limits where Daphne speaks TLS by itself: there a connection closes another way."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from socket import create_connection

import pytest
from django.contrib.auth.models import User

from tests.support.certificates import make_certificate
from tests.support.keys import create_key
from tests.support.processes import web_over_tls
from tests.uniqueness.exclusions.files import OUTSIDE
from tests.whole.daphne.test_uploads import LIMIT, answer, head, megabytes_taken

Connect = Callable[[], AbstractContextManager[ssl.SSLSocket]]


@pytest.fixture(scope="module")
def connect(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connect]:
    """Connections to a web process with a certificate of its own."""
    folder = tmp_path_factory.mktemp("tls")
    certificate = make_certificate(folder)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with web_over_tls(certificate, folder / "web.log", CARDGEN_ALLOWED_HOSTS="localhost") as port:
        yield lambda: trusting.wrap_socket(
            create_connection(("127.0.0.1", port)), server_hostname="localhost"
        )


def test_what_is_refused_is_answered_and_hung_up_on(connect, transactional_db):
    with connect() as client:
        client.sendall(head(f"Content-Length: {LIMIT + 1}"))
        assert answer(client).startswith(b"HTTP/1.1 413")


def test_nothing_more_is_read_from_who_may_not_import(connect, transactional_db):
    with connect() as client:
        client.sendall(head("Transfer-Encoding: chunked"))
        assert megabytes_taken(client) < 30


def test_what_comes_unannounced_is_cut_off_at_the_limit(connect, transactional_db):
    with connect() as client:
        client.sendall(head("Transfer-Encoding: chunked", start="POST /login HTTP/1.1"))
        assert megabytes_taken(client) < 30


def test_a_large_file_of_who_may_import_comes_whole(connect, transactional_db):
    owner = User.objects.create_superuser("root")
    key = f"X-API-Key: {create_key(user=owner, name='k')}"
    body = f"{OUTSIDE}\n".encode() * 200_000
    lines = f"Content-Length: {len(body)}", "Content-Type: text/plain", "Connection: close"
    with connect() as client:
        client.sendall(head(*lines, key=key) + body)
        got = answer(client)
    assert got.startswith(b"HTTP/1.1 200")
    assert b'"duplicates":199999' in got
