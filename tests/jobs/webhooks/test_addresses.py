"""Where webhooks may point."""

import socket
from ipaddress import ip_address

import pytest

from jobs.webhooks.addresses import AddressRefused, UrlRefused, is_public, parse, resolve

NOT_PUBLIC = [
    *("127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("0.0.0.0", "100.64.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1"),
    *("::1", "::", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1"),
    *("64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::"),
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


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("host", OTHER_SPELLINGS)
def test_other_spellings_of_an_address_are_never_taken(host, private, settings):
    settings.CARDGEN_WEBHOOK_PRIVATE = private
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


def test_private_addresses_are_taken_if_the_operator_allows_them(settings):
    settings.CARDGEN_WEBHOOK_PRIVATE = True
    assert parse("http://127.0.0.1:8000/").host == "127.0.0.1"
    assert ip_address("127.0.0.1") in resolve(parse("http://localhost:8000/"))
