"""Issuer ranges in the admin: a window, and the form that registers an owned range."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from generation import schemes
from generation.admin import Window
from generation.errors import Refusal
from generation.models import IssuerRange
from uniqueness import registry
from uniqueness.models import AuditEntry


class OwnedRangeForm(forms.ModelForm):  # type: ignore[type-arg]
    """What `registry.register_owned` asks for; its refusals are this form's errors."""

    scheme = forms.ChoiceField(choices=lambda: [(s.code, s.name) for s in _schemes()])
    statement = forms.CharField(
        widget=forms.Textarea, help_text="why the organisation may use these numbers; kept for good"
    )
    actor = ""
    made: IssuerRange

    class Meta:
        model = IssuerRange
        fields = ("scheme", "iin", "pan_length", "statement")

    def clean(self) -> dict[str, Any]:
        """Register the range, within the transaction of the page."""
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                self.made = registry.register_owned(**cleaned, actor=self.actor)
            except Refusal as refusal:
                raise ValidationError(refusal.detail) from None
        return cleaned

    def _post_clean(self) -> None:
        """Leave validation to the service and the database."""

    def save(self, commit: bool = True) -> IssuerRange:  # noqa: FBT001, FBT002 (Django's signature)
        """Return the range that is registered by now."""
        return self.made

    def save_m2m(self) -> None:
        """Nothing more to save."""


@admin.register(IssuerRange)
class IssuerRangeAdmin(Window):
    """Owned ranges can be added; `manage.py switch` switches ranges and asks for a reason."""

    form = OwnedRangeForm
    list_display = ["name", "scheme", "tier", "enabled", "room", "source"]
    list_filter = ["tier", "enabled", "scheme"]
    search_fields = ["iin", "scheme"]

    @admin.display(description="capacity")
    def room(self, issuer_range: IssuerRange) -> str:
        """How many numbers the range has in all."""
        return f"{issuer_range.capacity:,}"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Administrators alone."""
        return bool(getattr(request.user, "is_superuser", False))

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: Any = None, **options: Any
    ) -> Any:
        """Tell the form who registers."""
        form = super().get_form(request, obj, change=change, **options)
        return type("OwnedRangeForm", (form,), {"actor": request.user.get_username()})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Nothing left to do: the form registered the range."""


@admin.register(AuditEntry)
class AuditEntryAdmin(Window):
    """The audit trail."""

    list_display = ["at", "actor", "action", "subject", "reason"]
    list_filter = ["action"]


def _schemes() -> list[schemes.Scheme]:
    return sorted(schemes.catalogue().values(), key=lambda scheme: scheme.name)
