"""Users and groups in the admin: administrators make them, give them roles and deactivate them."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest

from toolkit.actor import actor_of
from toolkit.admin import Window
from uniqueness import trail

_BEFORE = "cardgen.user_before"

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(Window, GroupAdmin):
    """The roles, to be looked at: the code says what they may."""


@admin.register(User)
class AccountAdmin(Window, UserAdmin):  # type: ignore[type-arg]
    """Accounts are deactivated, never deleted: what they did stays theirs."""

    list_display = ["username", "roles", "is_active", "last_login"]
    list_filter = ["is_active", "groups"]
    search_fields = ["username"]
    add_fieldsets = ((None, {"fields": ("username", "password1", "password2")}),)
    fieldsets = (
        (None, {"fields": ("username", "password", "email")}),
        ("What they may", {"fields": ("is_active", "groups", "user_permissions")}),
        ("When", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ["last_login", "date_joined"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read the roles of all users at once."""
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description="roles")
    def roles(self, user: User) -> str:
        """The names of the user's groups."""
        return ", ".join(group.name for group in user.groups.all())

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        """Save, and remember how it was."""
        found = User.objects.filter(pk=obj.pk).first()
        request.META[_BEFORE] = _state(found) if found else None
        super().save_model(request, obj, form, change)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write it down in the audit trail as well."""
        _note(request, obj, action="make_user")
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write it down in the audit trail as well; passwords are changed without a form's save."""
        gone = not obj.is_active and (request.META.get(_BEFORE) or {}).get("active")
        _note(request, obj, action="deactivate_user" if gone else "change_user")
        return super().log_change(request, obj, message)


def _note(request: HttpRequest, user: User, *, action: str) -> None:
    trail.note(
        actor=actor_of(request),
        action=action,
        subject=f"user {user.get_username()}",
        reason="by a form of the admin",
        before=request.META.get(_BEFORE),
        after=_state(User.objects.get(pk=user.pk)),
    )


def _state(user: User) -> dict[str, Any]:
    given = user.user_permissions.order_by("codename").values_list("codename", flat=True)
    return {
        "active": user.is_active,
        "roles": sorted(group.name for group in user.groups.all()),
        "rights": list(given),
    }
