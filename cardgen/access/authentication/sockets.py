"""Who is at the other end of a WebSocket, and what they may read: wired into `realtime`."""

from django.contrib.auth.models import User

from cardgen.access.authentication.heads import user_of
from cardgen.access.keys.text import key_sent
from cardgen.access.rights.table import SOCKETS
from toolkit.rights import Right, has_right

_NEEDED = {right for row in SOCKETS.values() for right in row.values() if isinstance(right, Right)}


def identify(headers: dict[str, str], address: str | None) -> User | None:
    """Find who may watch jobs, by an API key or a session; None for nobody.

    Without an origin a session does not do: browsers always send one.

    :param headers: of the handshake, by lower-case name
    :param address: of the client
    """
    if key_sent(headers) is None and "origin" not in headers:
        return None
    user = user_of(headers, address=address)
    return user if user and all(has_right(user, right) for right in _NEEDED) else None
