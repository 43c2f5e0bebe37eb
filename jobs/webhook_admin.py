"""Webhooks in the admin: windows. Their secrets are not shown, encrypted or not."""

from django.contrib import admin

from generation.admin import Window
from jobs.webhook_models import Delivery, Webhook


@admin.register(Webhook)
class WebhookAdmin(Window):
    """Where finished jobs are reported to."""

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
