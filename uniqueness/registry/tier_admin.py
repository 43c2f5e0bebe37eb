"""Tiers in the admin: what each promises, how much it holds, and its switch."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from generation import tiers
from generation.models import Tier, TierSwitch
from toolkit.actor import Actor
from toolkit.admin import Switchable, SwitchSubject
from uniqueness.registry import changes
from uniqueness.registry.tier_list import switch_words, tiers_now


@admin.register(TierSwitch)
class TierAdmin(Switchable):
    """All tiers, the safest first, whether they were ever switched or not."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A row says less than the list, which shows every tier."""
        return obj is None and super().has_view_permission(request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """List the tiers with their promises and switches."""
        self._require_view(request)
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": "Tiers: what is promised about a number",
            "tiers": tiers_now(),
            "may_switch": self.may(request, "switch", "POST"),
        }
        return TemplateResponse(request, "admin/generation/tierswitch/change_list.html", context)

    def subject(self, object_id: str) -> SwitchSubject | None:
        """A tier by its code."""
        if object_id not in tiers.ORDER:
            return None
        on = tiers.is_enabled(object_id)
        return SwitchSubject(
            name=object_id,
            title=f"tier {object_id}",
            on=on,
            words=switch_words(Tier(object_id), on=not on),
            back=reverse("admin:generation_tierswitch_changelist"),
        )

    def switch(self, subject: SwitchSubject, *, on: bool, reason: str, actor: Actor) -> None:
        """Switch the tier."""
        changes.switch_tier(tier=Tier(subject.name), on=on, reason=reason, actor=actor)

    def _require_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied
