"""Sign-ins, failed ones and sign-outs stand in the audit trail."""

from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from toolkit.actor import Actor, Via
from uniqueness import trail

_UNKNOWN = "somebody unknown"


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: User, **_: object) -> None:
    """Note a session that begins."""
    _note("sign_in", user=user, request=request, words="the password was right")


@receiver(user_logged_out)
def signed_out(request: HttpRequest, user: User | None, **_: object) -> None:
    """Note a session that ends; whoever had none ends none."""
    if user is not None:
        _note("sign_out", user=user, request=request, words="the session is closed")


@receiver(user_login_failed)
def sign_in_failed(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_: object
) -> None:
    """Note a try. What was typed is not kept if nobody has that name: it may be a password."""
    user = User.objects.filter(username=str(credentials.get("username", ""))).first()
    _note("sign_in_failed", user=user, request=request, words="the password or the name was wrong")


def _note(action: str, *, user: User | None, request: HttpRequest | None, words: str) -> None:
    name = user.get_username() if user else _UNKNOWN
    actor = Actor(
        name=name,
        via=Via.PAGE,
        user_id=user.pk if user else None,
        address=request.META.get("REMOTE_ADDR") if request else None,
        request_id=getattr(request, "request_id", ""),
    )
    trail.note(actor=actor, action=action, subject=f"user {name}", reason=words)
