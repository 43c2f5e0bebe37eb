"""Where webhooks may point."""

import socket
from ipaddress import ip_address, ip_network
from types import SimpleNamespace

import psutil
import pytest

from jobs.webhooks.addresses import AddressRefused, UrlRefused, parse, resolve
from jobs.webhooks.networks import is_allowed, is_public
from tests.support.webhooks import LOOPBACK

NOT_PUBLIC = [
    *("127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("0.0.0.0", "100.64.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1"),
    *("::1", "::", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1"),
    *("64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::"),
    *("192.0.0.192", "192.0.0.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1"),
    *("168.63.129.16", "100.100.100.200", "3fff::1", "2001:2::1", "2001:20::1", "fd00:ec2::254"),
    "5f00::1",
]
OTHER_SPELLINGS = ["2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "127.1", "0"]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_not_everybody_can_reach_is_not_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450::1"])
def test_an_address_on_the_internet_is_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_url_with_an_address_that_is_not_public_is_refused(address):
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(UrlRefused, match="public address"):
        parse(f"https://{host}/hook")


@pytest.mark.parametrize("networks", [[], LOOPBACK])
@pytest.mark.parametrize("host", OTHER_SPELLINGS)
def test_other_spellings_of_an_address_are_never_taken(host, networks, settings):
    settings.CARDGEN_WEBHOOK_NETWORKS = networks
    with pytest.raises(UrlRefused, match="usual form"):
        parse(f"http://{host}/hook")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "hooks.localhost"])
def test_names_of_this_server_are_refused(host):
    with pytest.raises(UrlRefused, match="localhost"):
        parse(f"http://{host}:8000/")


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.com/hook", "//example.com", "ftp://example.com", "file:///etc/passwd"),
        *("https://user@example.com", "https://user:secret@example.com", "https://@example.com"),
        *(
            "https://example.com#@internal",
            "https://example.com\\@internal",
            "https://exa mple.com",
        ),
        *("https://example.com:0", "https://example.com:22", "https://example.com:65536"),
        *("https://example.com:+80", "https://example.com:80:80", "https://example.com:"),
        *("https://example.com:٨٠", "https://exämple.com", "https://example.com\r\nX: y"),
        *("https://", "https://[::1", "https://[v1.x]", "https://-a.example", "https://a..example"),
        *("https://[fe80::1%25eth0]/", "https://%6cocalhost/", "https://example.com./"),
        "https://example.com/" + "a" * 2_000,
    ],
)
def test_a_url_of_another_form_is_refused(url):
    with pytest.raises(UrlRefused):
        parse(url)


def test_a_url_is_taken_apart():
    target = parse("HTTPS://Hooks.Example.COM:8443/a/b?c=d&e")
    assert (target.secure, target.host, target.port) == (True, "hooks.example.com", 8443)
    assert target.path == "/a/b?c=d&e"
    plain = parse("http://[2606:4700::1111]")
    assert (plain.host, plain.port, plain.path) == ("2606:4700::1111", 80, "/")


@pytest.mark.parametrize("hidden", ["127.0.0.1", "10.0.0.1", "::ffff:169.254.169.254"])
def test_a_name_with_one_address_that_is_not_public_is_refused(monkeypatch, hidden):
    # What a name resolves to is nothing this machine decides, so the look-up stands in.
    found = [(0, 0, 0, "", (address, 443)) for address in ("8.8.8.8", hidden)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(AddressRefused):
        resolve(parse("https://hooks.example.com/"))


def test_the_networks_that_the_operator_lists_are_taken_and_no_others(settings):
    settings.CARDGEN_WEBHOOK_NETWORKS = [ip_network("10.77.0.0/16"), ip_network("fd77::/16")]
    assert parse("http://10.77.2.3/hook").host == "10.77.2.3"
    assert is_allowed(ip_address("fd77::1"))
    assert is_allowed(ip_address("8.8.8.8"))
    assert not is_allowed(ip_address("10.78.0.1"))


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "169.254.169.254", "192.0.0.192", "100.100.100.200", "168.63.129.16"]
)
def test_a_wide_network_does_not_open_what_is_dangerous_and_a_narrow_one_does(address, settings):
    settings.CARDGEN_WEBHOOK_NETWORKS = [ip_network("0.0.0.0/0"), ip_network("::/0")]
    assert not is_allowed(ip_address(address))
    settings.CARDGEN_WEBHOOK_NETWORKS = [ip_network(address)]
    assert is_allowed(ip_address(address))


def test_the_addresses_of_this_machine_are_not_public_though_the_internet_has_them(monkeypatch):
    assert is_public(ip_address("8.8.8.8"))
    # A machine with a public address of its own is not to be had everywhere.
    own = SimpleNamespace(family=socket.AF_INET, address="8.8.8.8")
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: {"eth0": [own]})
    assert not is_public(ip_address("8.8.8.8"))


def test_loopback_is_taken_if_the_operator_lists_it(settings):
    settings.CARDGEN_WEBHOOK_NETWORKS = LOOPBACK
    assert parse("http://127.0.0.1:8000/").host == "127.0.0.1"
    assert ip_address("127.0.0.1") in resolve(parse("http://localhost:8000/"))
