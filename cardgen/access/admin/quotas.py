"""Quotas in the admin: administrators set them, with a reason; the rest is a window."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest

from cardgen.access.models import ApiKey
from cardgen.access.quota_holders import of_key, of_user, orderer_of
from jobs import quotas
from jobs.models import Quota
from jobs.quotas import Holder, Subject, Unit, set_limits
from toolkit.actor import Actor, actor_of
from toolkit.admin import Window
from toolkit.refusals import Refusal
from toolkit.wording import counted


class QuotaForm(forms.ModelForm):  # type: ignore[type-arg]
    """What `set_limits` asks for; its refusals are this form's errors."""

    key = forms.ModelChoiceField(
        ApiKey.objects.select_related("user"), required=False, label="API key"
    )
    reason = forms.CharField(
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text="10 characters or more. It stands in the audit trail, with your name.",
    )
    actor: Actor
    made: Quota

    class Meta:
        model = Quota
        fields = ("user", "cards_per_day", "active_jobs")

    def clean(self) -> dict[str, Any]:
        """Set the limits, within the transaction of the page."""
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                self.made = set_limits(
                    holder=self._holder(cleaned),
                    changes={unit.value: cleaned[unit] for unit in Unit},
                    reason=cleaned["reason"],
                    actor=self.actor,
                )
            except Refusal as refusal:
                place = "reason" if refusal.code == "reason_missing" else NON_FIELD_ERRORS
                raise ValidationError({place: refusal.detail}) from None
        return cleaned

    def _holder(self, cleaned: dict[str, Any]) -> Holder:
        user, key = cleaned.get("user"), cleaned.get("key")
        if self.instance.pk:
            user = self.instance.user
            key = ApiKey.objects.filter(pk=self.instance.api_key_id).first()
        if isinstance(user, User) and key is None:
            return of_user(user)
        if isinstance(key, ApiKey) and user is None:
            return of_key(key)
        raise ValidationError("Choose a user or an API key that exists, and not both.")

    def _post_clean(self) -> None:
        """Leave validation to the service and the database."""

    def save(self, commit: bool = True) -> Quota:  # noqa: FBT001, FBT002 (Django's signature)
        """Return the quota that is set by now."""
        return self.made

    def save_m2m(self) -> None:
        """Nothing more to save."""


@admin.register(Quota)
class QuotaAdmin(Window):
    """Limits of users and keys. To lift one, set it to 0; keep nobody's row for its own sake."""

    form = QuotaForm
    list_display = ["__str__", "cards_per_day", "active_jobs", "changed_by", "changed_at"]
    list_select_related = ["user"]
    search_fields = ["user__username"]
    ordering = ["-changed_at", "-id"]

    @admin.display(description="taken now")
    def taken(self, quota: Quota) -> str:
        """What its holder took today, and the jobs that have not ended."""
        key = ApiKey.objects.filter(pk=quota.api_key_id or 0).first()
        holder = quota.user if isinstance(quota.user, User) else key
        if holder is None:
            return "the API key is gone"
        subject = Subject.USER if quota.user_id else Subject.KEY
        used = quotas.usage(orderer_of(holder)).used
        cards, jobs = used[subject, Unit.CARDS], used[subject, Unit.JOBS]
        return f"{counted(cards, 'card')} today, {counted(jobs, 'job')} active"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The holder is chosen once."""
        limits = ["cards_per_day", "active_jobs"]
        if obj is None:
            return ["user", "key", *limits, "reason"]
        known = ["user", "api_key_id", *limits, "taken", "changed_by", "changed_at"]
        return [*known, *["reason"] * self.has_change_permission(request)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What the form does not set."""
        return ["user", "api_key_id", "taken", "changed_by", "changed_at"] if obj else []

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: Any = None, **options: Any
    ) -> Any:
        """Tell the form who sets."""
        form = super().get_form(request, obj, change=change, **options)
        return type("QuotaForm", (form,), {"actor": actor_of(request)})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Nothing left to do: the form set the limits."""
