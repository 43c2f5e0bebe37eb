"""Which addresses a webhook may point at: a table of our own, whatever Python's knows.

`ipaddress.is_global` follows the patch level of Python: 3.11.7 takes 192.0.0.192 for public, which
is a cloud's metadata service.
"""

import socket
from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

import psutil
from django.conf import settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), without what they call globally
# reachable; multicast (RFC 5771). Of IPv6, only 2000::/3 is given out as unicast (RFC 4291), and
# `_UNICAST` leaves out the rest.
_UNICAST = IPv6Network("2000::/3")
_SPECIAL = [
    ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.0.2.0/24"),
        *("192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
]
# Ourselves, our neighbours on the wire and the clouds' metadata services: never by a wider network.
_DANGEROUS = [
    ip_network(text)
    for text in (
        *("127.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "100.100.100.200/32"),
        *("168.63.129.16/32", "::1/128", "::/128", "fe80::/10", "fd00:ec2::254/128"),
    )
]


def is_public(address: Address) -> bool:
    """Tell whether the whole internet may reach it, and it is neither ours nor a cloud's own."""
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False
    return not any(address in network for network in (*_SPECIAL, *_closed()))


def is_allowed(address: Address) -> bool:
    """Tell whether it is public, or in a network of `CARDGEN_WEBHOOK_NETWORKS`.

    What is dangerous is opened by a network within it alone, as 127.0.0.1/32: not by one around it.
    """
    listed: Iterable[Network] = settings.CARDGEN_WEBHOOK_NETWORKS
    listed = [network for network in listed if address in network]
    closed = [network for network in _closed() if address in network]
    if closed:
        return any(_within(one, other) for one in listed for other in closed)
    return bool(listed) or is_public(address)


def _closed() -> list[Network]:
    return [*_DANGEROUS, *_own()]


def _own() -> list[Network]:
    """Return the addresses of this machine's interfaces, each as a network of one."""
    found = [one for several in psutil.net_if_addrs().values() for one in several]
    texts = [one.address for one in found if one.family in (socket.AF_INET, socket.AF_INET6)]
    return [ip_network(ip_address(text.partition("%")[0])) for text in texts]


def _within(inner: Network, outer: Network) -> bool:
    if isinstance(inner, IPv4Network) and isinstance(outer, IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(inner, IPv6Network) and isinstance(outer, IPv6Network):
        return inner.subnet_of(outer)
    return False
