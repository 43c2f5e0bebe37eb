"""The admin is a window: look, do not touch; a switch needs a reason for the audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.text import capfirst

from toolkit.actor import Actor, actor_of
from toolkit.refusals import Refusal

_MOST_ROWS = 10_000
_SHORT = 8
_WAYS = ("exact", "id__exact", "isnull", "isempty", "gte", "lt")
"""How the filters of Django compare a field; the last two are those of times."""


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of at most 10,000 rows: nobody leafs further, and counting a ledger takes minutes."""

    @cached_property
    def count(self) -> int:
        """Count no further than the last row shown."""
        rows: Any = self.object_list
        return int(rows[:_MOST_ROWS].count())


class Window(admin.ModelAdmin):  # type: ignore[type-arg]
    """Read-only, without full counts."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # a facet is a full count for each choice of a filter
    list_per_page = 50

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Name the list for what it shows: there is nothing to select."""
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title} | (extra_context or {}))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let the filters that are shown ask, and nobody else.

        Django lets every column be asked, by its beginning or a pattern: so a masked number could
        be guessed digit by digit, in URLs, and PostgreSQL be kept busy by a regular expression.
        """
        return lookup in _lookups_of(self.get_list_filter(request))

    def may(self, request: HttpRequest, action: str, method: str = "GET") -> bool:
        """Ask the site, which has a table of rights; a page that is not in it is nobody's."""
        site: Any = self.admin_site
        route = f"{self.opts.app_label}_{self.opts.model_name}_{action}"
        return bool(site.may(request, route=route, method=method))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the window in the index to those who may look."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may look."""
        return self.may(request, "changelist")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who may add, if anybody."""
        return self.may(request, "add", "POST")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may change, if anybody."""
        return self.may(request, "change", "POST")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes here."""
        return False


def row_link(model: str, key: object, words: str = "") -> str:
    """Link to the page of a row, such as `jobs_job`; without words by the beginning of its key."""
    if key is None:
        return "none"
    where = reverse(f"admin:{model}_change", args=[key])
    return format_html('<a href="{}">{}</a>', where, words or str(key)[:_SHORT])


def list_link(model: str, words: str, **query: str) -> str:
    """Link to a list, narrowed by its search or its filters."""
    where = f"{reverse(f'admin:{model}_changelist')}?{urlencode(query)}"
    return format_html('<a href="{}">{}</a>', where, words)


def _lookups_of(filters: Sequence[Any]) -> set[str]:
    """List what filters ask for: their parameter, or their field by equality or emptiness."""
    found = set()
    for one in filters:
        if isinstance(one, type) and issubclass(one, admin.SimpleListFilter):
            found.add(one.parameter_name or "")
        else:
            field = one if isinstance(one, str) else one[0]
            found |= {field, *(f"{field}__{way}" for way in _WAYS)}
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchSubject:
    """What can be switched: its name for the service, its state, and what to know before."""

    name: str
    title: str
    on: bool
    words: str
    back: str


class SwitchForm(forms.Form):
    """The state wanted and why; the service decides what counts as a reason."""

    on = forms.BooleanField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text="10 characters or more. It stands in the audit trail, with your name.",
    )


class Switchable(Window):
    """A window with a switch for administrators; `subject` and `switch` say what it does."""

    def subject(self, object_id: str) -> SwitchSubject | None:
        """Find what is to be switched, None if there is no such thing."""
        raise NotImplementedError

    def switch(self, subject: SwitchSubject, *, on: bool, reason: str, actor: Actor) -> None:
        """Call the service.

        :raises Refusal: its own
        """
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        """Add the page of the switch."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_switch"
        view = self.admin_site.admin_view(self.switch_view)
        return [path("<str:object_id>/switch/", view, name=name), *super().get_urls()]

    def switch_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the reason, then switch; nothing changes without one."""
        if not self.may(request, "switch", "POST"):
            raise PermissionDenied
        subject = self.subject(object_id)
        if subject is None:
            raise Http404
        form = SwitchForm(request.POST or None, initial={"on": not subject.on})
        if form.is_valid() and self._switched(request, subject, form):
            return redirect(subject.back)
        return TemplateResponse(
            request, "admin/switch.html", self._context(request, subject=subject, form=form)
        )

    def _switched(self, request: HttpRequest, subject: SwitchSubject, form: SwitchForm) -> bool:
        try:
            self.switch(subject, actor=actor_of(request), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("reason", refusal.detail)
            return False
        state = "on" if form.cleaned_data["on"] else "off"
        self.message_user(request, f"{subject.title} is {state}.", messages.SUCCESS)
        return True

    def _context(
        self, request: HttpRequest, *, subject: SwitchSubject, form: SwitchForm
    ) -> dict[str, Any]:
        verb = "off" if subject.on else "on"
        shown = {"title": f"Switch {verb} {subject.title}", "subject": subject, "form": form}
        return self.admin_site.each_context(request) | {"opts": self.opts, "verb": verb} | shown
