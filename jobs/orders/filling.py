"""An order filled in from a profile: what the order says itself comes first."""

import re
import unicodedata
from typing import Any

from django.contrib.auth.models import User

from jobs.models import LONGEST_PROFILE_NAME, OrderProfile
from jobs.orders.profiles import of_name, profiles_of
from toolkit.near import did_you_mean
from toolkit.refusals import Mistake
from uniqueness.numbers import holds_card_number

_ID = re.compile("[0-9]{1,11}")
_IN_PLACE_OF = {
    "scheme": {"range", "items"},
    "range": {"scheme", "items"},
    "items": {"scheme", "range", "count"},
}
"""What an order says in one way the profile cannot say in another."""


class UnknownProfile(Mistake):
    """The user sees no profile of that name or id; whether there is one, strangers are not told."""

    code = "unknown_profile"


class AmbiguousProfile(Mistake):
    """Several members of the user's teams have a profile of that name."""

    code = "ambiguous_profile"


def filled(body: Any, *, user: User) -> Any:
    """Return the body of an order with what it leaves out as the profile has that it names.

    :raises UnknownProfile: if the user sees none of that name or id
    :raises AmbiguousProfile: if the name says not which
    """
    if not isinstance(body, dict) or "profile" not in body:
        return body
    said = without_profile(body)
    replaced = set().union(*(_IN_PLACE_OF.get(name, set()) for name in said))
    saved = profile_named(body["profile"], user=user).body
    return {name: value for name, value in saved.items() if name not in replaced} | said


def without_profile(body: dict[str, Any]) -> dict[str, Any]:
    """What an order says itself."""
    return {name: value for name, value in body.items() if name != "profile"}


def profile_named(named: Any, *, user: User) -> OrderProfile:
    """Find a profile by its id, or by its name: the user's own, else that of a team of theirs.

    :raises UnknownProfile: if the user sees none
    :raises AmbiguousProfile: if they have none of that name, and several others in their teams do
    """
    found = _found(str(named), user=user) if type(named) in (str, int) else []
    own = [profile for profile in found if profile.owner == user]
    if not found:
        names = profiles_of(user).values_list("name", flat=True)
        raise UnknownProfile(
            "You have no profile of that name or id, and neither have your teams."
            f"{did_you_mean(str(named), names)} GET /api/v1/profiles lists those that there are."
        )
    if not own and len(found) > 1:
        ids = [profile.pk for profile in found]
        raise AmbiguousProfile(
            f"{len(found)} members of your teams have a profile of that name: give the id of one,"
            f" {' or '.join(map(str, ids))}.",
            ids=ids,
        )
    return (own or found)[0]


def _found(named: str, *, user: User) -> list[OrderProfile]:
    """Look it up; what cannot be a name goes into no statement."""
    if _ID.fullmatch(named):
        return list(profiles_of(user).filter(id=int(named)))
    name = plain_name(named)
    if len(name) > LONGEST_PROFILE_NAME or any(map(_in_no_text, name)) or holds_card_number(name):
        return []
    return list(of_name(profiles_of(user), name).order_by("id"))


def _in_no_text(character: str) -> bool:
    """Tell whether the database keeps no text with it: a control, or half of a surrogate pair."""
    return unicodedata.category(character) in {"Cc", "Cs"}


def plain_name(text: str) -> str:
    """A name as it is kept and compared: composed (Unicode NFC), no spaces around it."""
    return unicodedata.normalize("NFC", text).strip()
