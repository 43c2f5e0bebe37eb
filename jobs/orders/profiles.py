"""Profiles: save an order under a name, find it, change it, let it go."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Lower, Now
from django.shortcuts import get_object_or_404

from generation.schemes import name_of
from jobs.models import MOST_PROFILES, OrderProfile
from jobs.orders import accepting
from jobs.orders.order import Order
from jobs.orders.teams import team_named
from toolkit.database import refused_by
from toolkit.refusals import Refusal


class ProfileExists(Refusal):
    """The owner has another profile of that name, in whatever case."""

    code = "profile_exists"


class TooManyProfiles(Refusal):
    """A user has as many profiles as anybody may have."""

    code = "too_many_profiles"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileDraft:
    """What a profile is to hold: a checked name, the order, and the JSON that says it."""

    name: str
    body: dict[str, Any]
    order: Order


def profiles_of(user: User) -> QuerySet[OrderProfile]:
    """The user's profiles and those of the teams that they are in now."""
    own = Q(owner=user) | Q(team__in=user.teams.all())
    return OrderProfile.objects.filter(own).select_related("owner", "team")


def profile_of(user: User, profile_id: int) -> OrderProfile:
    """Return the profile if the user may see it.

    :raises Http404: if not
    """
    found: OrderProfile = get_object_or_404(profiles_of(user), id=profile_id)
    return found


def own_profile(user: User, profile_id: int) -> OrderProfile:
    """Return the profile if it is the user's to change.

    :raises Http404: if they may not even see it
    :raises PermissionDenied: if it is of somebody else in a team of theirs
    """
    found = profile_of(user, profile_id)
    if found.owner != user:
        raise PermissionDenied
    return found


def of_name(found: QuerySet[OrderProfile], name: str) -> QuerySet[OrderProfile]:
    """Those of that name, in small or capital letters, as the index compares them."""
    return found.alias(lowered=Lower("name")).filter(lowered=Lower(Value(name)))


def order_in_words(body: Mapping[str, Any]) -> str:
    """Tell how many cards of what it orders: `20 Visa`, or `2 Visa, 1 Mastercard`."""
    lines = body.get("items", [body])
    return ", ".join(f"{line['count']:,} {_source_of(line)}" for line in lines)


def _source_of(line: Mapping[str, Any]) -> str:
    scheme = line.get("scheme")
    return name_of(scheme) if scheme else str(line["range"])


@transaction.atomic
def save_profile(draft: ProfileDraft, *, owner: User) -> OrderProfile:
    """Make a profile.

    :raises Refusal: if the order could not be submitted now (`accepting.check_order`)
    :raises ProfileExists: if the owner has one of that name
    :raises TooManyProfiles: if the owner has a hundred
    """
    accepting.check_order(draft.order, user=owner)
    made = OrderProfile(owner=owner, place=_free_place(owner), **_columns(draft, owner=owner))
    with _telling_names():
        made.save(force_insert=True)
    made.refresh_from_db()
    return made


def save_or_replace(draft: ProfileDraft, *, owner: User) -> OrderProfile:
    """Make a profile, or replace the owner's of that name.

    :raises Refusal: as `save_profile`
    """
    there = of_name(OrderProfile.objects.filter(owner=owner), draft.name).first()
    return replace_profile(there, draft) if there else save_profile(draft, owner=owner)


@transaction.atomic
def replace_profile(profile: OrderProfile, draft: ProfileDraft) -> OrderProfile:
    """Have a profile say something else.

    :raises Refusal: as `save_profile`
    """
    accepting.check_order(draft.order, user=profile.owner)
    return _update(profile, **_columns(draft, owner=profile.owner))


@transaction.atomic
def rename_profile(profile: OrderProfile, *, name: str) -> OrderProfile:
    """Give a profile another name. Its order is not looked at.

    :raises ProfileExists: if the owner has another one of that name
    """
    return _update(profile, name=name)


def delete_profile(profile: OrderProfile) -> None:
    """Delete a profile; jobs that were ordered from it stay as they are."""
    OrderProfile.objects.filter(pk=profile.pk).delete()


def _columns(draft: ProfileDraft, *, owner: User) -> dict[str, Any]:
    team = team_named(draft.order.team, user=owner)
    return {"name": draft.name, "body": draft.body, "team": team}


def _update(profile: OrderProfile, **columns: Any) -> OrderProfile:
    """Write the columns.

    :raises Http404: if it was deleted meanwhile
    """
    found = OrderProfile.objects.filter(pk=profile.pk)
    with _telling_names():
        found.update(changed_at=Now(), **columns)
    changed: OrderProfile = get_object_or_404(found.select_related("owner", "team"))
    return changed


def _free_place(owner: User) -> int:
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)  # two at once take two places
    taken = set(OrderProfile.objects.filter(owner=owner).values_list("place", flat=True))
    free = next((place for place in range(MOST_PROFILES) if place not in taken), None)
    if free is None:
        raise TooManyProfiles(
            f"You have {MOST_PROFILES} profiles: delete one first.", most=MOST_PROFILES
        )
    return free


@contextmanager
def _telling_names() -> Iterator[None]:
    """Tell what the index of names refuses.

    :raises ProfileExists: if it does
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if refused_by(error) != "one_profile_per_name":
            raise
        raise ProfileExists(
            "You have a profile of that name, in small or capital letters: choose another name, or"
            " change that profile."
        ) from None
