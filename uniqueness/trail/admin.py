"""The audit trail in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from toolkit.admin import Window
from uniqueness.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(Window):
    """Who changed what may be minted, and why: newest first, to be read and nothing else."""

    list_display = ["at", "actor", "action", "subject", "reason"]
    list_display_links = None
    list_filter = ["action", "actor"]
    search_fields = ["subject", "reason", "actor"]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Name the page for what it is: nothing here is to be selected."""
        return super().changelist_view(request, {"title": "Audit trail, newest first"})
