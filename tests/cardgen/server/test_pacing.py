"""A client that reads little keeps no place for ever."""

import asyncio

import pytest
from twisted.internet.testing import StringTransport
from twisted.web import http

from cardgen.server.pacing import LEAST_RATE, SLOW_SECONDS, Pace, PacedRequest


@pytest.fixture
def request_(monkeypatch: pytest.MonkeyPatch) -> PacedRequest:
    """A request whose client has read nothing for a moment."""
    found = PacedRequest.__new__(PacedRequest)
    found.channel = http.HTTPChannel()
    found.channel.transport = StringTransport()
    found.pace = Pace()
    found.pace.pauseProducing()
    return found


@pytest.mark.parametrize(
    ("waited", "rate", "goes_on"),
    [
        (SLOW_SECONDS + 1, LEAST_RATE / 2, False),
        (SLOW_SECONDS + 1, LEAST_RATE * 2, True),
        (SLOW_SECONDS - 30, LEAST_RATE / 2, True),
    ],
)
async def test_who_was_waited_for_a_minute_must_have_read_enough(request_, waited, rate, goes_on):
    request_.waited, request_.sentLength = waited, int(waited * rate)
    asyncio.get_running_loop().call_soon(request_.pace.resumeProducing)
    await request_.has_room()
    assert request_.channel.transport.disconnecting is not goes_on
