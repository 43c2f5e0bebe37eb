"""Passwords that are tried."""

from collections.abc import Iterator
from typing import ClassVar

from django.contrib.auth.models import User

from cardgen.anomalies.names import RuleName
from cardgen.anomalies.rules.rule import Finding, Rule
from cardgen.anomalies.signs import Signs, name_token


class FailedLogins(Rule):
    """Many passwords are tried for one user, or from one network."""

    name = RuleName.FAILED_LOGINS
    of_name: ClassVar[int] = 20
    of_network: ClassVar[int] = 50

    def look(self, signs: Signs) -> Iterator[Finding]:
        """Count failures by name and by network."""
        tried = {token: count for (token,), count in signs.of("login-name")}
        guessed = {token: count for token, count in tried.items() if count > self.of_name}
        users = User.objects.all() if guessed else User.objects.none()
        for user in users.iterator():
            if count := guessed.pop(name_token(user.get_username()), 0):
                yield Finding(
                    subject=f"user {user.get_username()}",
                    detail=f"{count:,} failed log-ins as this user in ten to twenty minutes.",
                    facts={"failed": count},
                    user_id=user.pk,
                )
        for (network,), count in signs.of("login-network"):
            if count > self.of_network:
                yield Finding(
                    subject=f"network {network}",
                    detail=f"{count:,} failed log-ins from here in ten to twenty minutes.",
                    facts={"failed": count, "network": network},
                )
