"""Who does something, by which way, from where: what the audit trail keeps beside each change."""

import os
import pwd
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

_MOST_REQUEST_ID = 64


class Via(StrEnum):
    """The way in."""

    API = "api"
    PAGE = "page"
    ADMIN = "admin"
    COMMAND = "command"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts.

    :param name: of the user; on the command line, of the shell's user
    :param user_id: None for who has no account here
    :param key_id: of the API key that the request came with
    :param address: of the client, an IP address
    :param request_id: stands in the log's lines about the same request
    """

    name: str
    via: Via
    user_id: int | None = None
    key_id: int | None = None
    address: str | None = None
    request_id: str = ""


class _Request(Protocol):
    """What Django's requests and DRF's have in common."""

    user: Any
    path_info: str
    META: dict[str, Any]


def actor_of(request: _Request) -> Actor:
    """Return who sends the request: the user, and the key if it came with one."""
    return Actor(
        name=request.user.get_username(),
        via=_way_in(request.path_info),
        user_id=request.user.pk,
        key_id=getattr(getattr(request, "auth", None), "pk", None),
        address=request.META.get("REMOTE_ADDR") or None,
        request_id=str(getattr(request, "request_id", ""))[:_MOST_REQUEST_ID],
    )


def shell_user() -> Actor:
    """Return who runs this command: the user of the process, whatever the environment says."""
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:  # a container's user without a name
        name = f"uid {uid}"
    return Actor(name=f"{name} (command line)", via=Via.COMMAND)


def _way_in(path: str) -> Via:
    if path.startswith("/api/"):
        return Via.API
    return Via.ADMIN if path.startswith("/admin/") else Via.PAGE
