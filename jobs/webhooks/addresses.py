"""Where a webhook may point: public addresses, and networks that the operator lists.

An address on our own side of the firewall would let a user have this server ask internal services
(server-side request forgery). What a name resolves to is checked at each delivery, and exactly the
checked address is connected to: a name that changes in between (DNS rebinding) gains nothing.
"""

import re
import socket
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from jobs.models import MAX_URL
from jobs.webhooks.networks import Address, is_allowed
from toolkit.refusals import Mistake

_PORTS = {"http": 80, "https": 443}
_FIRST_FREE_PORT = 1024
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_AUTHORITY = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?")
# The last label begins with a letter: 2130706433, 0x7f.1 and 127.1 also mean 127.0.0.1.
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)*[a-z][a-z0-9-]{{0,62}}")
_LOOPBACK = ip_address("127.0.0.1")
OWN_NETWORK = (
    " For receivers of your own, start cardgen with CARDGEN_WEBHOOK_NETWORKS={network}"
    " (docs/webhooks.md)."
)


class UrlRefused(Mistake):
    """A webhook cannot have this URL."""

    code = "webhook_url_refused"


class AddressRefused(OSError):
    """The host of a webhook has an address that is not public."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A checked URL, in parts; `path` has the query."""

    secure: bool
    host: str
    port: int
    path: str


def parse(url: str) -> Target:
    """Take a webhook's URL apart (RFC 3986, ASCII only).

    :raises UrlRefused: unless it is http or https to a host, on port 80, 443 or 1024 to 65535,
        without user or fragment; or if its host is written as an address that is not public
    """
    if len(url) > MAX_URL or not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise UrlRefused(f"A URL has 1 to {MAX_URL:,} printable ASCII characters, no backslash.")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise UrlRefused("That is no URL: write https://host/path.") from None
    if parts.scheme not in _PORTS:
        raise UrlRefused("A URL begins with https:// or http://.")
    if not _AUTHORITY.fullmatch(parts.netloc) or "#" in url:
        raise UrlRefused("A URL names a host and perhaps a port: no user, no password, no #.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(secure=parts.scheme == "https", host=_host(parts), port=_port(parts), path=path)


def resolve(target: Target) -> list[Address]:
    """Look the host up and return its addresses, each checked.

    :raises AddressRefused: if one of them is neither public nor in `CARDGEN_WEBHOOK_NETWORKS`
    :raises OSError: if it has none
    """
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(ip_address(entry[4][0]) for entry in found))
    if not all(is_allowed(address) for address in addresses):
        raise AddressRefused("The host has an address that is not public.")
    return addresses


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    try:
        address = ip_address(host)
    except ValueError:
        return _name(host)
    if not is_allowed(address):
        raise UrlRefused(
            "The host must be a public address: not loopback, private or link-local."
            + OWN_NETWORK.format(network=_network(address))
        )
    return host


def _network(address: Address) -> str:
    """Name the smallest network that holds the address: 127.0.0.1/32."""
    return str(ip_network(address))


def _name(host: str) -> str:
    if not _NAME.fullmatch(host):
        raise UrlRefused("The host must be a DNS name or an IP address in its usual form.")
    if f".{host}".endswith(".localhost") and not is_allowed(_LOOPBACK):
        raise UrlRefused(
            "The host must be public: localhost is this server itself."
            + OWN_NETWORK.format(network=_network(_LOOPBACK))
        )
    return host


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port if parts.port is not None else _PORTS[parts.scheme]
    except ValueError:
        port = 0
    if port not in _PORTS.values() and port < _FIRST_FREE_PORT:
        raise UrlRefused("The port must be 80, 443 or 1024 to 65535.")
    return port
