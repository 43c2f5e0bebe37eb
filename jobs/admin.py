"""Jobs in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from jobs.models import Chunk, Delivery, Item, Job, Queue, Webhook, Worker
from toolkit.admin import Window


class ItemInline(admin.TabularInline):  # type: ignore[type-arg]
    """What a job asked for."""

    model = Item
    fields = ["position", "issuer_range", "count"]
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes here."""
        return False


@admin.register(Job)
class JobAdmin(Window):
    """Jobs, newest first."""

    list_display = [
        *("id", "label", "owner", "team", "status", "progress", "created_at", "finished_at")
    ]
    list_select_related = ["owner", "team"]
    list_filter = ["status"]
    search_fields = ["label", "owner__username", "team__name"]
    ordering = ["-created_at", "-id"]
    inlines = [ItemInline]

    @admin.display(description="produced")
    def progress(self, job: Job) -> str:
        """Cards made, of those asked for."""
        return f"{job.produced:,} of {job.requested:,}"


@admin.register(Chunk)
class ChunkAdmin(Window):
    """The queue: who holds what, and what went wrong last."""

    list_display = ["id", "job", "state", "produced", "wanted", "attempts", "worker", "error"]
    list_select_related = ["job"]
    list_filter = ["state"]
    search_fields = ["job__id__exact"]
    ordering = ["-id"]


@admin.register(Queue)
class QueueAdmin(Window):
    """Whether chunks are handed out; no row: they are."""

    list_display = ["__str__", "reason", "changed_by", "changed_at"]


@admin.register(Worker)
class WorkerAdmin(Window):
    """Processes that serve the queue, those heard of last first."""

    list_display = ["name", "role", "seen_at"]
    list_filter = ["role"]
    ordering = ["-seen_at"]


@admin.register(Webhook)
class WebhookAdmin(Window):
    """Where finished jobs are reported to; the secret is not shown, encrypted or not."""

    list_display = ["id", "owner", "url", "events", "created_at"]
    list_select_related = ["owner"]
    search_fields = ["owner__username"]
    fields = ["id", "owner", "url", "events", "created_at"]
    ordering = ["-created_at", "-id"]


@admin.register(Delivery)
class DeliveryAdmin(Window):
    """What was sent, and what went wrong last."""

    list_display = ["id", "webhook", "job", "state", "attempts", "last_status", "error"]
    list_select_related = ["webhook", "job"]
    list_filter = ["state"]
    search_fields = ["job__id__exact"]
    ordering = ["-id"]
