"""Users and groups in the admin: administrators make them, give them roles and deactivate them."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.contrib.auth.models import Group, Permission, User
from django.db.models import ManyToManyField
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from cardgen.access.admin.noted import Noted
from cardgen.access.handed_over import hand_over
from cardgen.access.people import (
    LastAdministrator,
    OwnAccount,
    an_administrator_stays,
    refuse_own,
    state_of_user,
)
from toolkit.actor import actor_of
from toolkit.admin import Window, list_link
from toolkit.rights import Right

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(Window, GroupAdmin):
    """The roles, to be looked at: the code says what they may."""


class PasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]
    """Sets a user's password, which they change at their next sign-in, or takes it away."""

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 (Django's signature)
        """Keep it.

        :raises LastAdministrator: if nobody could sign in as an administrator afterwards
        """
        with an_administrator_stays():
            user = super().save(commit)
            hand_over(user)
            return user


@admin.register(User)
class AccountAdmin(Noted, UserAdmin):  # type: ignore[type-arg]
    """Accounts are deactivated, never deleted: what they did stays theirs."""

    noun = "user"
    change_password_form = PasswordForm
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

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        """Show the form again, with nothing changed, if a rule of people refuses the change."""
        try:
            return super().changeform_view(request, *args, **options)
        except (LastAdministrator, OwnAccount) as refusal:
            return self._refused(request, refusal.detail)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:  # noqa: A002 (Django's signature)
        """Set the password of somebody else: one's own has a page that asks for the old one."""
        if id == str(request.user.pk):
            return redirect("password-page")
        try:
            return super().user_change_password(request, id, form_url)
        except LastAdministrator as refusal:
            return self._refused(request, refusal.detail)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Save the user and their roles as one change.

        :raises OwnAccount: if somebody switches themselves off or changes their own roles
        :raises LastAdministrator: if nobody else is an administrator who can sign in
        """
        if change and {"is_active", "groups"} & set(form.changed_data):
            words = "switch yourself off, or give yourself another role"
            refuse_own(obj, actor=actor_of(request), words=words)
        with an_administrator_stays():
            super().save_model(request, obj, form, change)
            form.save_m2m()
            if not change:
                hand_over(obj)

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

    def _refused(self, request: HttpRequest, why: str) -> HttpResponse:
        self.message_user(request, why, messages.ERROR)
        return redirect(request.get_full_path())
