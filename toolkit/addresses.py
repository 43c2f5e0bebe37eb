"""Where a request comes from, behind proxies that are known, and a short name for that.

peer 10.0.0.2 (trusted), X-Forwarded-For: 6.6.6.6, 203.0.113.9   ->   203.0.113.9
"""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from django.conf import settings

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]
_CUSTOMER_BITS = 64
_MOST_KEY = 64  # bytes


def client_address(peer: str, forwarded: str, trusted: Networks) -> str:
    """Read `X-Forwarded-For` from the right: each proxy adds whom it hears.

    The last address that no trusted proxy has is the client's. What stands left of it, the client
    may have written. What is no address ends the reading.
    """
    found = peer
    if not (trusted and forwarded):
        return found
    for said in reversed(forwarded.split(",")):
        if not _is_trusted(found, trusted) or (address := _address(said)) is None:
            break
        found = str(address)
    return found


def network_name(address: str) -> str:
    """Name the customer at an address, by one of 65,536 names.

    An IPv6 address counts as its first 64 bits, which is what one customer gets.
    """
    return bounded_name(_customer(address))


def bounded_name(text: str) -> str:
    """Name what a stranger sends by one of 65,536 names.

    There are no more than that, so nobody fills a table with names of their own. Two texts may
    share one, but nobody without the secret key finds which.
    """
    key = settings.SECRET_KEY.encode()[:_MOST_KEY]
    digest = hashlib.blake2b(text.encode(), digest_size=2, key=key).digest()
    return digest.hex()


@lru_cache(maxsize=4_096)
def _customer(address: str) -> str:
    found = _address(address)
    if isinstance(found, IPv6Address):
        return str(int(found) >> (128 - _CUSTOMER_BITS))
    return str(found or address)


def _address(text: str) -> Address | None:
    """Read an address, with or without a port: `192.0.2.1:80`, `[2001:db8::1]:80`."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    with suppress(ValueError):
        found = ip_address(text)
        return getattr(found, "ipv4_mapped", None) or found
    return None


def _is_trusted(text: str, trusted: Networks) -> bool:
    found = _address(text)
    return found is not None and any(found in network for network in trusted)
