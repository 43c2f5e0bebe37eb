"""Connections end when nothing is achieved: with Twisted's own clock and transport."""

from collections.abc import Iterator

import pytest
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.web import http

from cardgen.server.channel import TimelyChannel

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"


class Answered(http.Request):
    """Answers as soon as a request is whole."""

    def process(self) -> None:
        self.finish()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def channel(clock: Clock) -> Iterator[TimelyChannel]:
    """A connection that has just been opened."""
    found = TimelyChannel()
    found.requestFactory = Answered
    found.timeOut = 60
    found.callLater = clock.callLater  # type: ignore[method-assign, assignment]
    found.makeConnection(StringTransport())
    yield found
    found.setTimeout(None)


def is_open(channel: TimelyChannel) -> bool:
    return not channel.transport.disconnecting


def drip(channel: TimelyChannel, clock: Clock, text: bytes, *, every: float) -> int:
    """Send byte by byte; tell how many were taken."""
    for number in range(len(text)):
        if not is_open(channel):
            return number
        channel.dataReceived(text[number : number + 1])
        clock.advance(every)
    return len(text)


def test_a_head_that_drips_is_given_up(channel, clock):
    assert drip(channel, clock, HEAD * 10, every=5) == 4


def test_a_connection_that_says_nothing_is_given_up(channel, clock):
    clock.advance(19)
    assert is_open(channel)
    clock.advance(1)
    assert not is_open(channel)


def test_a_body_that_drips_is_given_up(channel, clock):
    channel.dataReceived(HEAD + b"Content-Length: 1000\r\n\r\n")
    assert drip(channel, clock, b"x" * 1000, every=1) == 20


def test_a_slow_body_that_goes_on_is_waited_for(channel, clock):
    channel.dataReceived(HEAD + b"Content-Length: 204800\r\n\r\n")
    for _ in range(10):
        assert is_open(channel)
        channel.dataReceived(b"x" * 20_480)
        clock.advance(19)
    assert b"200 OK" in channel.transport.value()


def test_the_next_request_of_a_connection_has_time_of_its_own(channel, clock):
    for _ in range(3):
        channel.dataReceived(HEAD + b"\r\n")
        clock.advance(59)
        assert is_open(channel)
        assert drip(channel, clock, b"GET / HTTP", every=1) == 10
        channel.dataReceived(b"/1.1\r\n\r\n")
    assert channel.transport.value().count(b"200 OK") == 6


def test_an_idle_connection_is_closed(channel, clock):
    channel.dataReceived(HEAD + b"\r\n")
    clock.advance(60)
    assert not is_open(channel)
