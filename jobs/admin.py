"""Jobs in the admin: read-only, in words, with links to what belongs together."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator

from generation.months import first_day
from jobs import watching
from jobs.models import Chunk, Delivery, Item, Job, OrderProfile, Queue, Webhook, Worker
from toolkit.admin import Window, list_link, row_link

_SHOWN = 60
_ORDERED = (
    *("defect", "last_fours", "numbers", "cvv", "cardholder_name", "address"),
    *("postcode", "service_code", "pin_length", "fields", "priority", "deadline"),
)


class ItemInline(admin.TabularInline):  # type: ignore[type-arg]
    """What a job asked for."""

    model = Item
    template = "admin/jobs/job/items.html"
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
        *("short_id", "title", "owner", "team", "status", "progress", "created_at", "finished_at")
    ]
    list_select_related = ["owner", "team"]
    list_filter = ["status"]
    search_fields = ["label", "owner__username", "team__name"]
    search_help_text = "A whole id, or a part of a label, an owner or a team."
    ordering = ["-created_at", "-id"]
    inlines = [ItemInline]
    fieldsets = (
        (None, {"fields": ("id", "label", "owner", "team", "status", "progress", "error")}),
        ("Its parts", {"fields": ("page", "its_chunks", "its_deliveries", "its_spans")}),
        ("What was ordered", {"fields": ("expiry", *_ORDERED)}),
        ("When", {"fields": ("created_at", "started_at", "finished_at", "purged_at")}),
        ("By which request", {"fields": ("api_key_id", "request_id", "idempotency_key")}),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Job], search_term: str
    ) -> tuple[QuerySet[Job], bool]:
        """Take a whole id for what it is."""
        with suppress(ValueError):
            return queryset.filter(id=UUID(search_term.strip())), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="job", ordering="id")
    def short_id(self, job: Job) -> str:
        """The beginning of its id."""
        return str(job.id)[:8]

    @admin.display(description="label", ordering="label")
    def title(self, job: Job) -> str:
        """The beginning of its label."""
        return Truncator(job.label or "—").chars(_SHOWN)

    @admin.display(description="produced")
    def progress(self, job: Job) -> str:
        """Cards made, of those asked for."""
        return f"{job.produced:,} of {job.requested:,}"

    @admin.display(description="expiry")
    def expiry(self, job: Job) -> str:
        """The months that cards may end in."""
        last = first_day(job.first_month + job.months - 1)
        return f"{first_day(job.first_month):%B %Y} to {last:%B %Y}"

    @admin.display(description="last four digits")
    def last_fours(self, job: Job) -> str:
        """Whether two cards may end alike."""
        return "no two cards alike" if job.distinct_last_four else "as they come"

    @admin.display(description="order of the numbers")
    def numbers(self, job: Job) -> str:
        """Whether they count up."""
        return "sequential" if job.sequential else "random"

    @admin.display(description="page")
    def page(self, job: Job) -> str:
        """The way to its page, where it is controlled."""
        where = reverse("job-page", args=[job.id])
        return format_html('<a href="{}">files, cards, buttons</a>', where)

    @admin.display(description="chunks")
    def its_chunks(self, job: Job) -> str:
        """The way to its chunks."""
        return list_link("jobs_chunk", "who makes it, and what went wrong", q=str(job.id))

    @admin.display(description="deliveries")
    def its_deliveries(self, job: Job) -> str:
        """The way to what webhooks were told of it."""
        return list_link("jobs_delivery", "what webhooks were told", q=str(job.id))

    @admin.display(description="reservations")
    def its_spans(self, job: Job) -> str:
        """The way to the numbers set aside for it."""
        return list_link("uniqueness_reservation", "the numbers set aside for it", q=str(job.id))


@admin.register(Chunk)
class ChunkAdmin(Window):
    """The queue: who holds what, and what went wrong last."""

    list_display = ["id", "of_job", "state", "made", "attempts", "worker", "trouble"]
    list_filter = ["state"]
    search_fields = ["job__id__exact"]
    search_help_text = "A whole job id."
    ordering = ["-id"]

    @admin.display(description="job")
    def of_job(self, chunk: Chunk) -> str:
        """The way to its job."""
        return row_link("jobs_job", chunk.job_id)

    @admin.display(description="produced")
    def made(self, chunk: Chunk) -> str:
        """Cards made, of those wanted."""
        return f"{chunk.produced:,} of {chunk.wanted:,}"

    @admin.display(description="last error")
    def trouble(self, chunk: Chunk) -> str:
        """The beginning of what went wrong last."""
        return Truncator(chunk.error).chars(_SHOWN)


@admin.register(Queue)
class QueueAdmin(Window):
    """Whether chunks are handed out: figures and a button. There is one, paused or not."""

    change_list_template = "admin/jobs/queue/change_list.html"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A row says less than the list, which has the figures."""
        return obj is None and super().has_view_permission(request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what waits, who serves it, and the button."""
        shown = {"title": "Queue", "queue": watching.look()}
        return super().changelist_view(request, shown | (extra_context or {}))


@admin.register(Worker)
class WorkerAdmin(Window):
    """Processes that serve the queue, those heard of last first."""

    list_display = ["name", "role", "version", "seen_at"]
    list_filter = ["role"]
    ordering = ["-seen_at"]


@admin.register(OrderProfile)
class OrderProfileAdmin(Window):
    """Orders that were saved under a name."""

    list_display = ["name", "owner", "team", "changed_at"]
    list_select_related = ["owner", "team"]
    search_fields = ["name", "owner__username", "team__name"]
    search_help_text = "A part of a name, an owner or a team."
    fields = ["id", "name", "owner", "team", "body", "created_at", "changed_at"]
    ordering = ["-id"]


@admin.register(Webhook)
class WebhookAdmin(Window):
    """Where finished jobs are reported to; the secret is not shown, encrypted or not."""

    list_display = ["address", "owner", "events", "verified_at", "stopped_at"]
    list_select_related = ["owner"]
    search_fields = ["owner__username"]
    fields = ["id", "owner", "url", "events", "created_at", "verified_at", "stopped_at"]
    ordering = ["-created_at", "-id"]

    @admin.display(description="URL", ordering="url")
    def address(self, webhook: Webhook) -> str:
        """The beginning of its address."""
        return Truncator(webhook.url).chars(_SHOWN)


@admin.register(Delivery)
class DeliveryAdmin(Window):
    """What was sent, and what went wrong last."""

    list_display = ["id", "to", "of_job", "event", "state", "attempts", "last_status", "trouble"]
    list_select_related = ["webhook"]
    list_filter = ["state"]
    search_fields = ["job__id__exact"]
    search_help_text = "A whole job id."
    ordering = ["-id"]

    @admin.display(description="webhook")
    def to(self, delivery: Delivery) -> str:
        """The way to its webhook."""
        words = Truncator(delivery.webhook.url).chars(_SHOWN // 2)
        return row_link("jobs_webhook", delivery.webhook_id, words)

    @admin.display(description="job")
    def of_job(self, delivery: Delivery) -> str:
        """The way to its job."""
        return row_link("jobs_job", delivery.job_id)

    @admin.display(description="last error")
    def trouble(self, delivery: Delivery) -> str:
        """The beginning of what went wrong last."""
        return Truncator(delivery.error).chars(_SHOWN)
