"""The audit trail in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from toolkit.admin import Window
from uniqueness.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(Window):
    """Who did what, and why: newest first, to be read and nothing else."""

    list_display = ["at", "actor", "via", "action", "subject", "reason"]
    list_filter = ["via", ("at", admin.DateFieldListFilter)]
    search_fields = ["actor__exact", "action__exact", "subject__exact", "request_id__exact"]
    search_help_text = "A whole actor, action, subject or request id."
    exclude = ["previous", "digest"]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Name the page for what it is: nothing here is to be selected."""
        return super().changelist_view(request, {"title": "Audit trail, newest first"})
