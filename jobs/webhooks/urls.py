"""Routes of webhooks, below /api/v1/webhooks."""

from django.urls import path

from jobs.webhooks import api
from toolkit import converters  # noqa: F401 (registers `row`)

urlpatterns = [
    path("webhooks", api.WebhookListView.as_view(), name="webhooks"),
    path("webhooks/<uuid:webhook_id>", api.WebhookView.as_view(), name="webhook"),
    path("webhooks/<uuid:webhook_id>/test", api.TestView.as_view(), name="webhook-test"),
    path(
        "webhooks/<uuid:webhook_id>/deliveries",
        api.DeliveryListView.as_view(),
        name="webhook-deliveries",
    ),
    path(
        "webhooks/deliveries/<row:delivery_id>/resend",
        api.ResendView.as_view(),
        name="webhook-resend",
    ),
]
