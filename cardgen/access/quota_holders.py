"""Who quotas are set for: a user, or an API key by its name or id."""

from django.contrib.auth.models import User
from django.db.models import Q

from cardgen.access.models import ApiKey
from jobs.quotas import Holder, Orderer
from toolkit.refusals import Mistake

_MOST_DIGITS = 18


class UnknownHolder(Mistake):
    """No key of that name, or several."""

    code = "unknown_holder"


def of_user(user: User) -> Holder:
    """The user as a holder of limits."""
    return Holder(name=f"user {user.get_username()}", user_id=user.pk)


def of_key(key: ApiKey) -> Holder:
    """The API key as a holder of limits."""
    return Holder(name=f"API key {key.pk} ({key.name})", api_key_id=key.pk)


def key_named(name: str) -> ApiKey:
    """Find an API key by its id, its name or its first characters.

    :raises UnknownHolder: if there is none, or more than one; then it tells their ids
    """
    wanted = Q(name=name) | Q(prefix=name)
    if name.isascii() and name.isdecimal() and len(name) <= _MOST_DIGITS:
        wanted |= Q(pk=int(name))
    found = list(ApiKey.objects.filter(wanted).select_related("user").order_by("pk"))
    if not found:
        raise UnknownHolder(f"There is no API key {name!r}: give its id, name or first characters.")
    if len(found) > 1:
        ids = ", ".join(f"{key.pk} of {key.user.get_username()}" for key in found)
        raise UnknownHolder(f"Several API keys are called {name!r}: give an id ({ids}).")
    return found[0]


def orderer_of(holder: User | ApiKey) -> Orderer:
    """Whose use counts against the holder's limits."""
    if isinstance(holder, User):
        return Orderer(user_id=holder.pk)
    return Orderer(user_id=holder.user_id, api_key_id=holder.pk)
