"""Make users, give them a role and a password, switch them off and on.

Roles hold each other's rights, so one is enough; rights given to a user alone stay as they are.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from cardgen.access.handed_over import hand_over
from cardgen.access.people.refusals import InvalidName
from cardgen.access.people.states import state_of_user
from cardgen.access.people.staying import an_administrator_stays, refuse_own
from jobs.models import holds_no_card_number
from toolkit.actor import Actor
from toolkit.rights import Role
from uniqueness import trail

_PASSWORD_BYTES = 12
_BY_HAND = "on the pages of administration"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """A user, and the password to hand over, which is shown this once."""

    user: User
    password: str


def make_user(*, name: str, role: Role | None, actor: Actor) -> NewUser:
    """Make a user with a password of 96 random bits, which they change at their first sign-in.

    :param role: None: they may do nothing yet
    :raises InvalidName: if somebody has the name, in whatever case, or nobody can have it
    """
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    user = User(username=User.normalize_username(name), password=make_password(password))
    _check(user)
    with transaction.atomic():
        _insert(user)
        hand_over(user)
        _give(user, role)
        _note(user, actor=actor, action="make_user")
    return NewUser(user=user, password=password)


def role_of(user: User) -> Role | None:
    """Return the role of a user, the highest if the admin gave them several."""
    has = {group.name for group in user.groups.all()}
    return next((role for role in reversed(Role) if role in has), None)


@transaction.atomic
def change_role(user: User, role: Role | None, *, actor: Actor) -> None:
    """Give a user one role in place of those they have.

    :raises OwnAccount: if it is the one who acts
    :raises LastAdministrator: if nobody else is an administrator who can sign in
    """
    if role_of(user) == role and user.groups.filter(name__in=list(Role)).count() <= 1:
        return
    refuse_own(user, actor=actor, words="give yourself another role")
    with an_administrator_stays():
        before = state_of_user(user)
        _give(user, role)
    _note(user, actor=actor, action="change_user", before=before)


@transaction.atomic
def switch_user(user: User, *, on: bool, reason: str, actor: Actor) -> bool:
    """Let a user sign in and use their keys, or no longer. Return whether that was a change.

    :raises ReasonMissing: if the reason says nothing
    :raises PanInReason: if it holds a card number
    :raises OwnAccount: if it is the one who acts
    :raises LastAdministrator: if nobody else is an administrator who can sign in
    """
    trail.require_reason(reason)
    refuse_own(user, actor=actor, words="switch yourself off")
    with an_administrator_stays():
        user.refresh_from_db(fields=["is_active"])
        before = state_of_user(user)
        user.is_active = on
        user.save(update_fields=["is_active"])
    if before["active"] == on:
        return False
    action = "activate_user" if on else "deactivate_user"
    _note(user, actor=actor, action=action, before=before, reason=reason)
    return True


def new_password(user: User, *, actor: Actor) -> str:
    """Replace a user's password by a random one and return it; their sessions end.

    They change it at their next sign-in.

    :raises OwnAccount: if it is the one who acts
    """
    refuse_own(user, actor=actor, words="have a password made for yourself: change your own")
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    hashed = make_password(password)
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(password=hashed)
        hand_over(user)
        trail.note(
            actor=actor,
            action="change_password",
            subject=f"user {user.get_username()}",
            reason="a new one was made, to be handed over",
        )
    return password


def _check(user: User) -> None:
    """Leave what the database knows to its index."""
    try:
        user.full_clean(validate_unique=False)
        holds_no_card_number(user.username)
    except ValidationError as error:
        raise InvalidName(" ".join(error.messages)) from None
    if User.objects.filter(username__iexact=user.username).exists():
        raise InvalidName("Somebody has that name already.")


def _insert(user: User) -> None:
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        raise InvalidName("Somebody has that name already.") from None


def _give(user: User, role: Role | None) -> None:
    user.groups.remove(*Group.objects.filter(name__in=list(Role)))
    if role is not None:
        user.groups.add(Group.objects.get(name=role))


def _note(
    user: User,
    *,
    actor: Actor,
    action: str,
    before: dict[str, Any] | None = None,
    reason: str = _BY_HAND,
) -> None:
    trail.note(
        actor=actor,
        action=action,
        subject=f"user {user.get_username()}",
        reason=reason,
        before=before,
        after=state_of_user(user),
    )
