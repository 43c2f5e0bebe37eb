"""Ask again whether somebody still may what they began: downloads and streams outlast rights."""

import time
from collections.abc import Callable, Iterator

from django.contrib.auth import get_user
from django.contrib.auth.models import User
from rest_framework.request import Request
from rest_framework.views import APIView

from toolkit.views import caller

RECHECK_SECONDS = 30.0


class Recheck:
    """One request, asked again at most every 30 seconds who sends it and whether they may."""

    def __init__(self, request: Request) -> None:
        self._view: APIView = request.parser_context["view"]
        self._request = request._request  # noqa: SLF001 (DRF has no other way to it)
        self._checked_at = time.monotonic()

    @property
    def is_due(self) -> bool:
        """Tell whether it is time to ask."""
        return time.monotonic() - self._checked_at >= RECHECK_SECONDS

    def due(self) -> User | None:
        """Return who asks, anew; None while it is not yet time.

        :raises APIException: if the session has ended, the key been revoked, a role taken away
        """
        if not self.is_due:
            return None
        session = self._request.session
        self._request.session = type(session)(session.session_key)
        self._request.user = get_user(self._request)
        again = self._view.initialize_request(self._request)
        self._view.check_permissions(again)
        self._checked_at = time.monotonic()
        return caller(again)


def while_allowed(
    recheck: Recheck, pieces: Iterator[bytes], *, require: Callable[[User], object]
) -> Iterator[bytes]:
    """Yield the pieces until they end.

    :param require: raises if what is sent is not for that user, or not any more
    :raises APIException: between two of them, once the caller may no more
    """
    for piece in pieces:
        yield piece
        user = recheck.due()
        if user is not None:
            require(user)
