"""Webhooks over HTTP: parse, one service call, translate the answer."""

from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs.webhooks import hooks
from jobs.webhooks.representation import (
    DeliveryListSerializer,
    DeliverySerializer,
    NewWebhookSerializer,
    WebhookListSerializer,
    WebhookRequestSerializer,
    delivery_dict,
    webhook_dict,
)
from toolkit.requests import PlainNumberField, StrictSerializer
from toolkit.views import asked, caller, next_url

_MAX_ID = 10**11 - 1


class DeliveryQuery(StrictSerializer):
    """Query of the deliveries."""

    limit = PlainNumberField(
        min_value=1, max_value=100, default=50, help_text="deliveries in a page, 1 to 100"
    )
    after = PlainNumberField(
        min_value=1, max_value=_MAX_ID, required=False, help_text="from `next` of the page before"
    )


class WebhookListView(APIView):
    """The caller's webhooks."""

    @extend_schema(operation_id="webhooks", responses=WebhookListSerializer)
    def get(self, request: Request) -> Response:
        """List the caller's webhooks, oldest first, without their secrets.

        A user has ten at most, so it is always the whole list.
        """
        found = hooks.webhooks_of(caller(request))
        return Response({"results": [webhook_dict(webhook) for webhook in found], "next": None})

    @extend_schema(
        operation_id="webhooks_register",
        request=WebhookRequestSerializer,
        responses={201: NewWebhookSerializer},
    )
    def post(self, request: Request) -> Response:
        """Have the caller's finished jobs reported to a URL. The secret is shown this once."""
        asked = WebhookRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = hooks.register(owner=caller(request), **asked.validated_data)
        body = webhook_dict(made.webhook) | {"secret": made.secret}
        headers = {"Cache-Control": "no-store"}
        return Response(body, status=status.HTTP_201_CREATED, headers=headers)


class WebhookView(APIView):
    """One webhook."""

    @extend_schema(operation_id="webhooks_delete", responses={204: None})
    def delete(self, request: Request, webhook_id: UUID) -> Response:
        """Delete a webhook with its deliveries; one that is being sent may still arrive."""
        if not hooks.delete(webhook_id, owner=caller(request)):
            raise Http404
        return Response(status=status.HTTP_204_NO_CONTENT)


class TestView(APIView):
    """A message on request."""

    @extend_schema(operation_id="webhook_test", request=None, responses={202: DeliverySerializer})
    def post(self, request: Request, webhook_id: UUID) -> Response:
        """Send a test message within seconds; before the challenge is answered, the challenge."""
        delivery = hooks.send_test(webhook_id, owner=caller(request))
        if delivery is None:
            raise Http404
        return Response(delivery_dict(delivery), status=status.HTTP_202_ACCEPTED)


class DeliveryListView(APIView):
    """What a webhook was told."""

    @extend_schema(
        operation_id="webhook_deliveries",
        parameters=[DeliveryQuery],
        responses=DeliveryListSerializer,
    )
    def get(self, request: Request, webhook_id: UUID) -> Response:
        """List a webhook's deliveries, newest first."""
        query = asked(request, DeliveryQuery)
        webhook = get_object_or_404(hooks.webhooks_of(caller(request)), id=webhook_id)
        rows, after = hooks.deliveries(webhook, **query)
        results = [delivery_dict(delivery) for delivery in rows]
        return Response({"results": results, "next": next_url(request, after)})


class ResendView(APIView):
    """Send a delivery again."""

    @extend_schema(
        operation_id="webhook_delivery_resend",
        parameters=[OpenApiParameter("delivery_id", int, "path")],
        request=None,
        responses={202: DeliverySerializer},
    )
    def post(self, request: Request, delivery_id: int) -> Response:
        """Send a delivery that arrived or failed once more, within seconds."""
        delivery = hooks.resend(delivery_id, owner=caller(request))
        if delivery is None:
            raise Http404
        return Response(delivery_dict(delivery), status=status.HTTP_202_ACCEPTED)
