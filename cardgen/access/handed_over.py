"""A password that somebody else knows: its user chooses another one at the next sign-in.

A row says that a password was handed over, and goes when the password is changed in whatever way.
The session remembers it from the sign-in on, so no page asks the database; a password that is
handed over ends all earlier sessions. API keys are not asked.
"""

from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.http import HttpRequest

from cardgen.access.models import HandedOver

_KEPT_AS = "must_choose_a_password"
_THE_SAME = "Choose another one than the password that was handed over to you."


def hand_over(user: User) -> None:
    """Have the user choose another password before anything else."""
    HandedOver.objects.get_or_create(user_id=user.pk)


def must_choose(session: Any) -> bool:
    """Tell whether the user of a session has to choose a password first."""
    return _KEPT_AS in session


def chosen(session: Any) -> None:
    """Let the session go on: its user has a password of their own."""
    session.pop(_KEPT_AS, None)


@receiver(user_logged_in)
def remember(request: HttpRequest, user: User, **_: object) -> None:
    """Keep in a session that begins what its user has to do first."""
    if HandedOver.objects.filter(user_id=user.pk).exists():
        request.session[_KEPT_AS] = True


class AnotherOne:
    """What Django asks of every new password, and tells of every change."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Refuse the one that was handed over.

        :raises ValidationError: if it is
        """
        if user is None or not HandedOver.objects.filter(user_id=user.pk).exists():
            return
        if user.check_password(password):
            raise ValidationError(_THE_SAME, code="password_handed_over")

    def get_help_text(self) -> str:
        """Say it before."""
        return "Your password cannot be one that was handed over to you."

    def password_changed(self, password: str, user: User | None = None) -> None:
        """Forget that the old one was handed over."""
        if user is not None:
            HandedOver.objects.filter(user_id=user.pk).delete()
