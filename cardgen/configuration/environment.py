"""Values from the environment: a wrong one stops the start and says what is allowed."""

import re
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env
from pyrage import RecipientError, x25519

from toolkit.trusted import read_secret

SECRETS = (
    "CARDGEN_MASTER_KEY",
    "CARDGEN_SECRET_KEY",
    "CARDGEN_BOOTSTRAP_KEY",
    "DATABASE_URL",
    "CARDGEN_OWNER_DATABASE_URL",
    "BROKER_URL",
    "CACHE_URL",
    "CHANNEL_URL",
    "CARDGEN_BACKUP_PASSPHRASE",
)
"""What may also be given as a file: `NAME_FILE` is its path."""

asked = set[str]()
"""Names of all settings that were read: there are no others."""

_parse: Callable[[str, Callable[[str], Any] | None], Any] = Env.parse_value
_database: Callable[[str], dict[str, Any]] = Env.db_url_config
_ORIGIN = re.compile(r"https?://[a-z0-9.\[\]:-]+")
_SWITCH = {"0": False, "1": True, "false": False, "true": True, "no": False, "yes": True}
_POSTGRES = "django.db.backends.postgresql"
_LEAST_LETTERS, _LEAST_DIFFERENT = 32, 10


class Environment(Env):
    """django-environ, whose casts let `-1` pass, take `maybe` for no, and fail without a name."""

    def given(self, name: str) -> str | None:
        """Return the value as it stands, from the variable or the file; None if there is neither.

        :raises ImproperlyConfigured: if both are there, or the file cannot be read or trusted
        """
        asked.add(name)
        file = self.ENVIRON.get(f"{name}_FILE") if name in SECRETS else None
        if file is None:
            return self.ENVIRON.get(name)
        if name in self.ENVIRON:
            raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both")
        try:
            return read_secret(Path(file))
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: {file}: {error.strerror}") from None

    def get_value(
        self,
        var: str,
        cast: Callable[[str], Any] | None = None,
        default: Any = Env.NOTSET,
        parse_default: bool = False,  # noqa: FBT001, FBT002 (django-environ's signature)
    ) -> Any:
        """Read a value; django-environ would take `$NAME` for the value of another variable."""
        found = self.given(var)
        return default if found is None else _parse(found, cast)

    def database(self, name: str, default: str) -> dict[str, Any]:
        """Read the address of a PostgreSQL database.

        :raises ImproperlyConfigured: without the value, which may hold a password
        """
        url = self.get_value(name, default=default)
        try:
            found = _database(url) if "://" in url else {}
        except ValueError:
            found = {}
        if found.get("ENGINE") != _POSTGRES:
            raise ImproperlyConfigured(
                f"{name} cannot be read. Write postgres://user:password@host:5432/name, and %2F for"
                " / in a password, %40 for @, %3A for :"
            )
        return found

    def server(self, name: str, default: str, *, schemes: Sequence[str]) -> str:
        """Read the address of a server, or several with `;` between them.

        :raises ImproperlyConfigured: without the value, which may hold a password
        """
        value: str = self.str(name, default)
        if not all(_is_address(one, schemes) for one in value.split(";")):
            forms = ", ".join(f"{scheme}://" for scheme in schemes)
            raise ImproperlyConfigured(f"{name} cannot be read. It begins with one of {forms}")
        return value

    def secret_text(self, name: str) -> str:
        """Read a secret that nobody can guess; empty if it is not set.

        :raises ImproperlyConfigured: if it is short or repeats itself, without the value
        """
        value: str = self.str(name, "")
        if value and (len(value) < _LEAST_LETTERS or len(set(value)) < _LEAST_DIFFERENT):
            raise ImproperlyConfigured(
                f"{name} can be guessed: it needs at least {_LEAST_LETTERS} random characters."
                " Make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
            )
        return value

    def key(self, name: str) -> bytes:
        """Read a key of 32 bytes, written as 64 hexadecimal digits; empty if it is not set.

        :raises ImproperlyConfigured: if it is another thing or not random, without the value
        """
        value: str = self.str(name, "")
        try:
            key = bytes.fromhex(value)
        except ValueError:
            key = b"?"
        if value and len(key) != 32:
            raise ImproperlyConfigured(f"{name} must be 64 hexadecimal digits (32 bytes)")
        if value and len(set(key)) < _LEAST_DIFFERENT:
            raise ImproperlyConfigured(f"{name} can be guessed: its 32 bytes must be random")
        return key

    def recipients(self, name: str) -> list[str]:
        """Read public keys of age, with commas between.

        :raises ImproperlyConfigured: names the first that is none
        """
        keys: list[str] = self.list(name, default=[])
        for key in keys:
            try:
                x25519.Recipient.from_str(key)
            except RecipientError:
                raise ImproperlyConfigured(
                    f"{name}: {key!r} is no public key of age (age1…)"
                ) from None
        return keys

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

    def switch(self, name: str, *, default: str = "0") -> bool:
        """Read a switch.

        :raises ImproperlyConfigured: if it is neither on nor off
        """
        given = self.str(name, default)
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

    def address(self, name: str, default: str) -> str:
        """Read an IPv4 or IPv6 address.

        :raises ImproperlyConfigured: if it is another thing, such as a name
        """
        given = self.str(name, default)
        try:
            return str(ip_address(given))
        except ValueError:
            raise ImproperlyConfigured(
                f"{name} must be an address such as 127.0.0.1, 0.0.0.0 or ::1, not {given!r}"
            ) from None

    def words(self, name: str, *, among: Sequence[str]) -> list[str]:
        """Read some of a few words, with commas between them; none unless it is set.

        :raises ImproperlyConfigured: with the words, and the first that is none of them
        """
        given = [word.strip() for word in self.list(name, default=[])]
        for word in given:
            if word not in among:
                raise ImproperlyConfigured(
                    f"{name} must list some of {', '.join(among)}, not {word!r}"
                )
        return given

    def endpoint(self, name: str) -> tuple[str, int] | None:
        """Read an address to listen at, `127.0.0.1:9464` or `[::1]:9464`; None unless it is set.

        :raises ImproperlyConfigured: with the value
        """
        given = self.str(name, "")
        try:
            parts = urlsplit(f"//{given}")
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
        if given and not (host and port and parts.netloc == given and "@" not in given):
            raise ImproperlyConfigured(f"{name} must be HOST:PORT, not {given!r}")
        return (host, port) if host and port else None

    def origins(self, name: str) -> list[str]:
        """Read origins of web pages (RFC 6454), with commas between them; none unless it is set.

        :raises ImproperlyConfigured: with the one that is none
        """
        given = [one.strip() for one in self.list(name, default=[])]
        for one in given:
            if not _ORIGIN.fullmatch(one):
                raise ImproperlyConfigured(
                    f"{name} must list origins such as https://tests.example:8443, not {one!r}"
                )
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


def _is_address(text: str, schemes: Sequence[str]) -> bool:
    """Tell whether it is a URL of such a scheme, whose port, if there is one, is a number."""
    try:
        parts = urlsplit(text.strip())
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in schemes
