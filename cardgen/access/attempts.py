"""Failed log-ins: how many a client may have, without letting a stranger lock a user out.

A client has ten failures with one user name in a quarter of an hour, and fifty in all. A name with
a hundred failures, from wherever, gets two of each client: who guesses from many addresses has few
guesses, and its owner, who knows the password, still comes in at the first attempt.
"""

from dataclasses import dataclass

from toolkit.addresses import bounded_name, network_name
from toolkit.rates import Unreachable, Window
from toolkit.refusals import Refusal

_SECONDS = 900
_of_address = Window("failed-logins-of-address", most=50, seconds=_SECONDS)
_of_name = Window("failed-logins-of-name", most=100, seconds=_SECONDS)
_of_both = Window("failed-logins", most=10, seconds=_SECONDS)
_of_both_under_attack = Window("failed-logins-under-attack", most=2, seconds=_SECONDS)
_RETRY_SECONDS = 5


class TooManyLogins(Refusal):
    """Too many log-ins failed, or too many passwords are being checked."""

    code = "too_many_logins"


class LoginsClosed(Refusal):
    """Failed log-ins cannot be counted, so none is let in."""

    code = "logins_closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Somebody at an address who gives a user name."""

    address: str
    username: str

    def check(self) -> None:
        """Let the attempt be made.

        :raises TooManyLogins: if too many failed before; says when there is room again
        :raises LoginsClosed: if the cache server does not answer
        """
        try:
            wait = self._wait()
        except Unreachable:
            raise LoginsClosed(
                "Nobody can sign in for the moment. Who is signed in stays so; API keys work.",
                retry_after=_RETRY_SECONDS,
            ) from None
        if wait:
            raise TooManyLogins(
                "Too many attempts to sign in have failed. Wait, then try again.",
                retry_after=int(wait) + 1,
            )

    def failed(self) -> None:
        """Count a failure. If that cannot be done now, the next attempt is refused anyway."""
        for window, who in self._counted():
            try:
                window.add(who, 1)
            except Unreachable:
                return

    def _wait(self) -> float:
        client, name, both = (who for _, who in self._counted()[:3])
        own = _of_both_under_attack if _of_name.spent(name) else _of_both
        return max(own.spent(both), _of_address.spent(client))

    def _counted(self) -> list[tuple[Window, str]]:
        client, name = network_name(self.address), bounded_name(self.username)
        both = f"{client}-{name}"
        return [
            (_of_address, client),
            (_of_name, name),
            (_of_both, both),
            (_of_both_under_attack, both),
        ]
