"""The client's address: what a trusted proxy says of it, and never what the client says."""

from ipaddress import ip_network

import pytest

from toolkit.addresses import bounded_name, client_address, network_name

TRUSTED = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "6.6.6.6", "203.0.113.9"),  # a stranger may write anything
        ("10.0.0.2", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.2", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.2", "6.6.6.6, 203.0.113.9 , 10.1.1.1", "203.0.113.9"),
        ("10.0.0.2", "10.9.9.9,10.1.1.1", "10.9.9.9"),
        ("10.0.0.2", "203.0.113.9:4711", "203.0.113.9"),
        ("fd00::2", "[2001:db8::1]:4711", "2001:db8::1"),
        ("::ffff:10.0.0.2", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("10.0.0.2", "203.0.113.9, unknown", "10.0.0.2"),
        ("", "203.0.113.9", ""),
    ],
)
def test_it_is_read_from_the_right_up_to_the_first_that_is_not_ours(peer, forwarded, client):
    assert client_address(peer, forwarded, TRUSTED) == client


def test_without_trusted_proxies_nobody_is_believed():
    assert client_address("127.0.0.1", "203.0.113.9", []) == "127.0.0.1"


@pytest.fixture
def _known_key(settings) -> None:
    """Under another key, two of 65,536 names may be one."""
    settings.SECRET_KEY = "one"


@pytest.mark.usefixtures("_known_key")
def test_a_customer_has_one_name_whatever_the_address():
    assert network_name("2001:db8::1") == network_name("2001:db8::ffff:1")
    assert network_name("2001:db8::1") != network_name("2001:db8:0:1::1")
    assert network_name("192.0.2.1") == network_name("::ffff:192.0.2.1")
    assert network_name("192.0.2.1") != network_name("192.0.2.2")


@pytest.mark.usefixtures("_known_key")
def test_there_are_no_more_names_than_said(settings):
    assert len({bounded_name(str(number)) for number in range(200_000)}) <= 65_536
    before = bounded_name("x")
    settings.SECRET_KEY = "another"
    assert before != bounded_name("x")
