"""Log-ins by password: few failures, and no database connection held while one is checked."""

from typing import Any, cast

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.http import HttpRequest

from cardgen.access.attempts import Attempt
from toolkit.streams import give_back


class PasswordHasher(PBKDF2PasswordHasher):
    """Django's default, which takes 0.3 s of a core: the connection is given back before.

    Ten log-ins at once held all connections of the pool for that time, and used none.
    """

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """Hash a password; `verify` does that too."""
        give_back()
        return super().encode(password, salt, iterations)


class PasswordBackend(ModelBackend):
    """Django's, but failures are counted and too many are refused unchecked."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """Return the user whose name and password these are, or None.

        :raises TooManyLogins: if this client may not try again now
        :raises LoginsClosed: if the failures cannot be counted now
        """
        if request is None or username is None:  # a program of ours asks, no stranger
            return _user(super().authenticate(request, username, password, **kwargs))
        attempt = Attempt(address=request.META.get("REMOTE_ADDR") or "", username=username)
        attempt.check()
        user = _user(super().authenticate(request, username, password, **kwargs))
        if user is None:
            attempt.failed()
        return user


def _user(found: object) -> User | None:
    return cast("User | None", found)
