"""A filled-in order form that is to be saved as a profile: it needs a name."""

from dataclasses import dataclass, field
from typing import Self

from django.contrib.auth.models import User
from django.http import QueryDict

from jobs.models import LONGEST_PROFILE_NAME, OrderProfile
from jobs.orders import (
    Obstacle,
    ProfileDraft,
    check_order,
    order_in_words,
    save_or_replace,
    save_profile,
)
from jobs.orders.profiles_representation import ProfileNameSerializer
from jobs.pages.order.form import OrderForm
from toolkit.refusals import Refusal


@dataclass
class SavingForm:
    """The name that was typed, what is wrong with it, and the order form that it is for.

    :param replaces: the profile of that name may be replaced; then `offers` says so on the page
    """

    order: OrderForm
    name: str = ""
    replaces: bool = False
    offers: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, form: OrderForm, *, user: User, opened: OrderProfile | None) -> Self | None:
        """Ask for a name; None with the form's `errors` filled if it is no order."""
        if not refuse_what_cannot_be(form, user=user):
            return None
        own = opened is not None and opened.owner == user
        label = form.values.get("label", "")[:LONGEST_PROFILE_NAME]
        name = opened.name if opened and own else label
        return cls(order=form, name=name, replaces=own, offers=own)

    @classmethod
    def typed(cls, data: QueryDict) -> Self:
        """Take the fields of a posted form."""
        replaces = bool(data.get("replace"))
        name = str(data.get("name", ""))
        return cls(order=OrderForm.typed(data), name=name, replaces=replaces, offers=replaces)

    @property
    def in_words(self) -> str:
        """What would be saved, in short; nothing if it is no order."""
        return "" if self.order.errors else order_in_words(self.order.body())

    def saved(self, user: User) -> OrderProfile | None:
        """Save it; None with `errors` filled if something is wrong."""
        name, order = name_of(self.name, errors=self.errors), self.order.order()
        self.errors |= {"": " ".join(self.order.errors.values())} if self.order.errors else {}
        if order is None or self.errors:
            return None
        draft = ProfileDraft(name=name, body=self.order.body(), order=order)
        try:
            save = save_or_replace if self.replaces else save_profile
            return save(draft, owner=user)
        except Refusal as refusal:
            taken = refusal.code == "profile_exists"
            self.offers |= taken
            self.errors["name" if taken else ""] = refusal.detail
            return None


def name_of(typed: str, *, errors: dict[str, str]) -> str:
    """Check the name of a profile; fills `errors` if it is none."""
    asked = ProfileNameSerializer(data={"name": typed})
    if asked.is_valid():
        return str(asked.validated_data["name"])
    errors["name"] = " ".join(map(str, asked.errors["name"]))
    return ""


def refuse_what_cannot_be(form: OrderForm, *, user: User) -> bool:
    """Tell whether the order of a form could be submitted; if not, fills its `errors`."""
    order = form.order()
    if order is None:
        return False
    try:
        check_order(order, user=user)
    except Refusal as refusal:
        form.refuse(Obstacle(refusal=refusal))
    return not form.errors
