"""One administrator who can sign in stays, and nobody locks themselves out, whichever way is taken.

Pages and the admin both change users inside of these.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.models import Group, User
from django.db import transaction

from cardgen.access.people.refusals import LastAdministrator, OwnAccount
from toolkit.actor import Actor
from toolkit.rights import Role, administrators


@contextmanager
def an_administrator_stays() -> Iterator[None]:
    """Undo what is done inside if nobody is an administrator who can sign in afterwards.

    Of two who take the role from each other at the same time, one waits and is refused.

    :raises LastAdministrator: then
    """
    with transaction.atomic():
        Group.objects.select_for_update(no_key=True).get(name=Role.ADMINISTRATOR)
        can_sign_in = administrators(who_sign_in=True)
        before = can_sign_in.exists()
        yield
        if before and not can_sign_in.all().exists():
            raise LastAdministrator("Nobody else is an administrator: make one first.")


def refuse_own(user: User, *, actor: Actor, words: str) -> None:
    """Refuse what nobody does to themselves.

    :raises OwnAccount: if the user is the one who acts
    """
    if user.pk == actor.user_id:
        raise OwnAccount(f"You cannot {words}. Ask another administrator.")
