"""Users and groups in the admin: administrators make them, give them roles and deactivate them."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import ManyToManyField
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest

from cardgen.access.admin.noted import Noted
from cardgen.access.people import state_of_user
from toolkit.admin import Window, list_link
from toolkit.rights import Right

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(Window, GroupAdmin):
    """The roles, to be looked at: the code says what they may."""


@admin.register(User)
class AccountAdmin(Noted, UserAdmin):  # type: ignore[type-arg]
    """Accounts are deactivated, never deleted: what they did stays theirs."""

    noun = "user"
    list_display = ["username", "roles", "is_active", "last_login"]
    list_filter = ["is_active", "groups"]
    filter_horizontal = []
    formfield_overrides = {ManyToManyField: {"widget": CheckboxSelectMultiple}}
    search_fields = ["username"]
    add_fieldsets = ((None, {"fields": ("username", "password1", "password2")}),)
    fieldsets = (
        (None, {"fields": ("username", "password", "email")}),
        ("What they may", {"fields": ("is_active", "groups", "user_permissions")}),
        ("When", {"fields": ("last_login", "date_joined")}),
        ("What is theirs", {"fields": ("their_jobs", "their_keys", "their_webhooks")}),
    )
    readonly_fields = ["last_login", "date_joined", "their_jobs", "their_keys", "their_webhooks"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read the roles of all users at once."""
        return super().get_queryset(request).prefetch_related("groups")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Offer the rights that cardgen asks for, each by its name and what it means."""
        field: Any = super().formfield_for_manytomany(db_field, request, **options)
        if db_field.name == "user_permissions":
            ours = Permission.objects.filter(content_type__app_label="access")
            field.queryset = ours.filter(codename__in=list(Right))
            field.label_from_instance = lambda right: f"{right.codename}: {right.name}"
        return field

    @admin.display(description="roles")
    def roles(self, user: User) -> str:
        """The names of the user's groups."""
        return ", ".join(group.name for group in user.groups.all())

    @admin.display(description="jobs")
    def their_jobs(self, user: User) -> str:
        """The way to their jobs."""
        return list_link("jobs_job", "their jobs", q=user.get_username())

    @admin.display(description="API keys")
    def their_keys(self, user: User) -> str:
        """The way to their keys."""
        return list_link("access_apikey", "their API keys", q=user.get_username())

    @admin.display(description="webhooks")
    def their_webhooks(self, user: User) -> str:
        """The way to their webhooks."""
        return list_link("jobs_webhook", "their webhooks", q=user.get_username())

    def state(self, row: User) -> dict[str, Any]:
        """Whether they may sign in, and what they may."""
        return state_of_user(row)

    def change(self, before: dict[str, Any] | None, row: User) -> str:
        """Say it if the account was deactivated."""
        gone = before and before["active"] and not row.is_active
        return "deactivate_user" if gone else super().change(before, row)
