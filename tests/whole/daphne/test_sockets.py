"""The same doors through a real Daphne: what a program on the other side really gets."""

import pytest
from django.contrib.auth.models import User
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.support.keys import create_key


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
