"""API keys in the admin: look, and revoke. Their owners make them."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from cardgen.access.keys import suspension
from cardgen.access.keys.making import revoke_keys
from cardgen.access.models import ApiKey
from toolkit.actor import actor_of
from toolkit.admin import Window


@admin.register(ApiKey)
class ApiKeyAdmin(Window):
    """Never shows the digest."""

    list_display = ["prefix", "name", "user", "rights", "last_used_at", "expires_at", "state"]
    list_select_related = ["user"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter)]
    search_fields = ["prefix", "name", "user__username"]
    exclude = ["digest"]
    ordering = ["-created_at"]
    actions = ["revoke", "suspend", "lift"]

    @admin.display(description="scopes")
    def rights(self, key: ApiKey) -> str:
        """What it may do."""
        return ", ".join(key.scopes)

    @admin.display(description="state")
    def state(self, key: ApiKey) -> str:
        """Whether it works, and if not, why."""
        if key.revoked_at:
            return f"revoked {key.revoked_at:%d %b %Y}"
        if key.is_suspended:
            return f"suspended: {key.suspended_reason}"
        if key.expires_at and key.expires_at <= timezone.now():
            return "expired"
        return "slowed down" if key.is_throttled else "works"

    @admin.action(description="Revoke the selected keys")
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        """Revoke at once; a key that is revoked already keeps its time."""
        revoked = revoke_keys(keys, actor=actor_of(request))
        self.message_user(request, f"{revoked} revoked.", messages.SUCCESS)

    @admin.action(description="Suspend the selected keys")
    def suspend(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        """Suspend until somebody lifts it."""
        reason = f"by {request.user.get_username()}"
        done = suspension.suspend(keys, reason=reason, actor=actor_of(request))
        self.message_user(request, f"{done} suspended.", messages.SUCCESS)

    @admin.action(description="Lift the suspension or the lower rate of the selected keys")
    def lift(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        """Let them be used as before."""
        lifted = suspension.lift(keys, actor=actor_of(request))
        self.message_user(request, f"{lifted} lifted.", messages.SUCCESS)
