"""API keys of tests, and users with a role."""

from collections.abc import Iterable
from functools import cache

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User

from cardgen.access.keys.making import KeyOrder
from cardgen.access.keys.making import create_key as make
from tests.support.actors import somebody
from toolkit.rights import Right, Role, rights_of

READ = (Right.CATALOGUE, Right.JOBS, Right.CARDS, Right.CHECK, Right.EXCLUSIONS)
MINT = (Right.MINT,)


def make_user(name: str, *, role: Role = Role.TESTER, password: str | None = None) -> User:
    """Somebody with a role."""
    user = User.objects.create_user(name)
    if password is not None:
        _give_password(user, password)
    user.groups.add(Group.objects.get(name=role))
    return user


def make_root(*, password: str) -> User:
    """The administrator `root`, who types a password."""
    user = User.objects.create_superuser("root")
    _give_password(user, password)
    return user


def _give_password(user: User, password: str) -> None:
    """Let somebody type a password."""
    user.password = _hashed(password)
    user.save(update_fields=["password"])


@cache
def _hashed(password: str) -> str:
    """What is stored of a password: to hash one takes 0.3 s, and many tests type the same."""
    return make_password(password)


def create_key(*, user: User, name: str, scopes: Iterable[Right] | None = None) -> str:
    """Make a key of the user, for all that they may do unless `scopes` says less."""
    found = User.objects.get(pk=user.pk)
    order = KeyOrder(name=name, scopes=frozenset(rights_of(found) if scopes is None else scopes))
    return make(user=found, order=order, actor=somebody(user.username)).key
