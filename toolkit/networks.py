"""The network that an address lies in, as coarse as providers give them out."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

_BITS = {4: 24, 6: 48}


@lru_cache(maxsize=4_096)
def network_of(address: str) -> str:
    """Name the network of an address: `192.0.2.0/24`, `2001:db8::/48`; "unknown" for none."""
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ip_network((found, _BITS[found.version]), strict=False))
