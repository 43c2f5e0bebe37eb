"""Issuer ranges in the admin: a window, a switch, and the form that registers an owned range."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Case, F, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html

from generation import tiers
from generation.models import IssuerRange
from generation.schemes import model, registry
from toolkit.actor import Actor, actor_of
from toolkit.admin import Switchable, SwitchSubject, list_link
from toolkit.refusals import Refusal
from uniqueness.pool.capacity import left_in
from uniqueness.registry import changes
from uniqueness.registry.range_promise import range_words

_FIELD_OF_CODE = {"range_overlaps": "iin", "reason_missing": "statement"}
_SHOWN = (
    *("name", "scheme", "tier", "promise", "minting", "room", "left"),
    *("source", "statement", "key_check_value", "created_at", "its_cards", "its_spans"),
)


class OwnedRangeForm(forms.ModelForm):  # type: ignore[type-arg]
    """What `registry.register_owned` asks for; its refusals are this form's errors."""

    scheme = forms.ChoiceField(choices=lambda: [(s.code, s.name) for s in _schemes()])
    iin = forms.CharField(
        label="IIN",
        max_length=8,
        help_text="the first 6 or 8 digits of every number",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 10}),
    )
    pan_length = forms.IntegerField(
        label="Length of a number", min_value=12, max_value=19, help_text="in digits, as a rule 16"
    )
    statement = forms.CharField(
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text="Why the organisation may use these numbers, in 10 characters or more."
        " It is kept for good and shown beside the tier.",
    )
    actor: Actor
    made: IssuerRange

    class Meta:
        model = IssuerRange
        fields = ("scheme", "iin", "pan_length", "statement")

    def clean(self) -> dict[str, Any]:
        """Register the range, within the transaction of the page."""
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                self.made = changes.register_owned(**cleaned, actor=self.actor)
            except Refusal as refusal:
                place = _FIELD_OF_CODE.get(refusal.code)
                raise ValidationError(
                    {place: refusal.detail} if place else refusal.detail
                ) from None
        return cleaned

    def _post_clean(self) -> None:
        """Leave validation to the service and the database."""

    def save(self, commit: bool = True) -> IssuerRange:  # noqa: FBT001, FBT002 (Django's signature)
        """Return the range that is registered by now."""
        return self.made

    def save_m2m(self) -> None:
        """Nothing more to save."""


@admin.register(IssuerRange)
class IssuerRangeAdmin(Switchable):
    """Owned ranges can be added, and every range switched, by administrators."""

    form = OwnedRangeForm
    list_display = ["name", "scheme", "tier_code", "minting", "room"]
    list_filter = ["tier", "enabled", "scheme"]
    search_fields = ["iin", "scheme"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[IssuerRange]:
        """Say of each range whether it and its tier are on."""
        both = Case(
            When(tier__in=tiers.enabled(), then=F("enabled")),
            default=False,
            output_field=BooleanField(),
        )
        found: QuerySet[IssuerRange] = super().get_queryset(request)
        return found.annotate(mintable=both)

    @admin.display(description="tier", ordering="tier")
    def tier_code(self, issuer_range: IssuerRange) -> str:
        """The tier's code; its label would fill the column."""
        return issuer_range.tier

    @admin.display(description="promise")
    def promise(self, issuer_range: IssuerRange) -> str:
        """What the tier promises."""
        return tiers.PROMISES[issuer_range.tier]

    @admin.display(description="minting", boolean=True, ordering="mintable")
    def minting(self, issuer_range: IssuerRange) -> bool:
        """Whether new orders may be minted in it."""
        return bool(getattr(issuer_range, "mintable", False))

    @admin.display(description="numbers")
    def room(self, issuer_range: IssuerRange) -> str:
        """How many numbers the range has in all."""
        return f"{issuer_range.capacity:,}"

    @admin.display(description="numbers left")
    def left(self, issuer_range: IssuerRange) -> str:
        """How many numbers can still be set aside."""
        return f"{left_in([issuer_range])[issuer_range.pk]:,}"

    @admin.display(description="cards")
    def its_cards(self, issuer_range: IssuerRange) -> str:
        """The way to its part of the ledger."""
        return list_link("uniqueness_card", "cards issued in it", range=str(issuer_range.pk))

    @admin.display(description="reservations")
    def its_spans(self, issuer_range: IssuerRange) -> str:
        """The way to what was set aside in it."""
        asked = {"issuer_range__id__exact": str(issuer_range.pk)}
        return list_link("uniqueness_reservation", "numbers set aside in it", **asked)

    @admin.display(description="switch")
    def switch_link(self, issuer_range: IssuerRange) -> str:
        """The way to its switch."""
        where = reverse("admin:generation_issuerrange_switch", args=[issuer_range.pk])
        return format_html('<a href="{}">Switch {}</a>', where, _verb(issuer_range))

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Switches are for administrators."""
        return [*self.list_display, *["switch_link"] * self.may(request, "switch", "POST")]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Everything about a range that is there; the form's fields for a new one."""
        return _SHOWN if obj else super().get_fields(request, obj)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: Any = None, **options: Any
    ) -> Any:
        """Tell the form who registers."""
        form = super().get_form(request, obj, change=change, **options)
        return type("OwnedRangeForm", (form,), {"actor": actor_of(request)})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Nothing left to do: the form registered the range."""

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        """Show the new range, and how many numbers it adds."""
        words = f"Range {obj.name} is registered: {obj.capacity:,} numbers can be issued in it."
        self.message_user(request, words, messages.SUCCESS)
        return redirect("admin:generation_issuerrange_change", obj.pk)

    def subject(self, object_id: str) -> SwitchSubject | None:
        """A range by its id."""
        found = IssuerRange.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        if found is None:
            return None
        return SwitchSubject(
            name=found.name,
            title=f"range {found.name}",
            on=found.enabled,
            words=range_words(found, on=not found.enabled),
            back=reverse("admin:generation_issuerrange_change", args=[found.pk]),
        )

    def switch(self, subject: SwitchSubject, *, on: bool, reason: str, actor: Actor) -> None:
        """Switch the range."""
        changes.switch_range(name=subject.name, on=on, reason=reason, actor=actor)


def _verb(issuer_range: IssuerRange) -> str:
    return "off" if issuer_range.enabled else "on"


def _schemes() -> list[model.Scheme]:
    return sorted(registry.catalogue().values(), key=lambda scheme: scheme.name)
