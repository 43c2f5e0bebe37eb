"""The same doors through a real Daphne: what a program on the other side really gets."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.support.keys import create_key
from tests.support.processes import PATIENCE, web, web_over_tls


@pytest.fixture
def address(site: str) -> str:
    """The address of the feed of all jobs."""
    return f"{site.replace('http', 'ws')}/ws/jobs"


def test_strangers_get_403_and_a_big_message_gets_1009(address: str, owner: User) -> None:
    key = {"X-API-Key": create_key(user=owner, name="harness")}
    with pytest.raises(InvalidStatus) as refused:
        connect(address, origin=Origin("https://evil.example"), additional_headers=key)
    assert refused.value.response.status_code == 403

    with connect(address, additional_headers=key) as feed:
        feed.send("x" * 4097)
        with pytest.raises(ConnectionClosed) as closed:
            feed.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


@pytest.fixture(scope="module")
def https_site(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The feed of all jobs where CARDGEN_HTTPS is on, without TLS of its own."""
    log = tmp_path_factory.mktemp("https") / "web.log"
    with web(log, CARDGEN_HTTPS="1") as address:
        yield f"{address.replace('http', 'ws')}/ws/jobs"


@pytest.mark.parametrize("said", [{}, {"X-Forwarded-Proto": "http"}, {"X-Forwarded-Proto": "ws"}])
def test_a_key_over_plain_ws_is_refused_where_https_is_on(
    https_site: str, owner: User, said: dict[str, str]
) -> None:
    key = {"X-API-Key": create_key(user=owner, name="harness")}
    with pytest.raises(InvalidStatus) as refused:
        connect(https_site, additional_headers=key | said)
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("scheme", ["https", "wss", "https, http"])
def test_a_proxy_that_speaks_tls_is_believed(https_site: str, owner: User, scheme: str) -> None:
    key = {"X-API-Key": create_key(user=owner, name="harness"), "X-Forwarded-Proto": scheme}
    with connect(https_site, additional_headers=key) as feed:
        feed.ping().wait(PATIENCE)


def test_a_socket_comes_over_tls_of_its_own(
    tls: tuple[ssl.SSLContext, Path], tmp_path: Path, owner: User
) -> None:
    _, certificate = tls
    trusting = ssl.create_default_context(cafile=str(certificate))
    key = {"X-API-Key": create_key(user=owner, name="harness")}
    with web_over_tls(certificate, tmp_path / "web.log", CARDGEN_HTTPS="1") as port:
        url = f"wss://localhost:{port}/ws/jobs"
        with connect(url, additional_headers=key, ssl=trusting) as feed:
            feed.ping().wait(PATIENCE)
