"""Values from the environment: a wrong one stops the start and says what is allowed."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network

from django.core.exceptions import ImproperlyConfigured
from environ import Env

_SWITCH = {"0": False, "1": True, "false": False, "true": True, "no": False, "yes": True}


class Environment(Env):
    """django-environ, whose casts let `-1` pass, take `maybe` for no, and fail without a name."""

    def whole(self, name: str, default: int, *, least: int, most: int) -> int:
        """Read a whole number within the bounds, both included.

        :raises ImproperlyConfigured: with the bounds
        """
        given = self.str(name, str(default))
        try:
            number = int(given)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise ImproperlyConfigured(
                f"{name} must be a whole number from {least:,} to {most:,}, not {given!r}"
            )
        return number

    def switch(self, name: str) -> bool:
        """Read a switch that is off unless it is set.

        :raises ImproperlyConfigured: if it is neither on nor off
        """
        given = self.str(name, "0")
        if given.lower() not in _SWITCH:
            raise ImproperlyConfigured(f"{name} must be 0 or 1, not {given!r}")
        return _SWITCH[given.lower()]

    def choice(self, name: str, default: str, *, among: Sequence[str]) -> str:
        """Read one of a few words, in capitals or not.

        :raises ImproperlyConfigured: with the words
        """
        given = self.str(name, default).upper()
        if given not in among:
            raise ImproperlyConfigured(f"{name} must be one of {', '.join(among)}, not {given!r}")
        return given

    def networks(self, name: str) -> list[IPv4Network | IPv6Network]:
        """Read addresses and networks, with commas between them; none unless it is set.

        :raises ImproperlyConfigured: with the one that cannot be read
        """
        return [self._network(name, given) for given in self.list(name, default=[])]

    def _network(self, name: str, given: str) -> IPv4Network | IPv6Network:
        try:
            return ip_network(given.strip())
        except ValueError:
            raise ImproperlyConfigured(
                f"{name} must list addresses or networks such as 10.0.0.0/8, not {given!r}"
            ) from None
