"""Webhooks and deliveries as the API takes and shows them."""

from typing import Any

from rest_framework import serializers

from jobs.models import CHALLENGE, MAX_URL, TEST, Delivery, DeliveryState, Event, Webhook
from jobs.webhooks.signing import key_of
from toolkit.requests import ChoiceField, StrictSerializer


class WebhookRequestSerializer(StrictSerializer):
    """A webhook to register."""

    url = serializers.CharField(
        max_length=MAX_URL, trim_whitespace=False, help_text="https or http, a public host"
    )
    events = serializers.ListField(
        child=ChoiceField(choices=Event.choices),
        min_length=1,
        default=[Event.JOB_FINISHED],
    )
    secret = serializers.RegexField(
        r"\A[\x21-\x7e]{16,200}\Z",
        required=False,
        trim_whitespace=False,
        help_text="16 to 200 printable ASCII characters without spaces; absent: a new one",
        error_messages={"invalid": "Send 16 to 200 printable ASCII characters without spaces."},
    )

    def validate_secret(self, secret: str) -> str:
        """What begins as a secret of Standard Webhooks is one."""
        try:
            key_of(secret)
        except ValueError:
            raise serializers.ValidationError(
                "After whsec_ comes Base64 of 24 to 64 bytes."
            ) from None
        return secret

    def validate_events(self, events: list[Event]) -> list[Event]:
        """Each once."""
        return list(dict.fromkeys(events))


class WebhookSerializer(serializers.Serializer[Any]):
    """A webhook."""

    id = serializers.UUIDField()
    url = serializers.CharField()
    events = serializers.ListField(child=serializers.ChoiceField(choices=Event.choices))
    created_at = serializers.DateTimeField()
    verified_at = serializers.DateTimeField(
        allow_null=True, help_text="when the URL answered the challenge; before, no job is told"
    )
    stopped_at = serializers.DateTimeField(
        allow_null=True, help_text="when it was stopped, since nothing arrived; resend starts it"
    )


class NewWebhookSerializer(WebhookSerializer):
    """A webhook just registered, with its secret, which is not shown again."""

    secret = serializers.CharField()


class WebhookListSerializer(serializers.Serializer[Any]):
    """All webhooks of the caller."""

    results = WebhookSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class DeliverySerializer(serializers.Serializer[Any]):
    """One event for one webhook."""

    id = serializers.IntegerField()
    webhook = serializers.UUIDField()
    job = serializers.UUIDField(allow_null=True, help_text="null: not about a job")
    event = serializers.ChoiceField(choices=[*Event.values, CHALLENGE, TEST])
    state = serializers.ChoiceField(choices=DeliveryState.choices)
    attempts = serializers.IntegerField()
    last_status = serializers.IntegerField(allow_null=True, help_text="HTTP status")
    error = serializers.CharField(help_text="of the last attempt; empty if it arrived")
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class DeliveryListSerializer(serializers.Serializer[Any]):
    """A page of deliveries."""

    results = DeliverySerializer(many=True)
    next = serializers.URLField(allow_null=True)


def webhook_dict(webhook: Webhook) -> dict[str, Any]:
    """The fields of `WebhookSerializer`."""
    names = ("id", "url", "events", "created_at", "verified_at", "stopped_at")
    return {name: getattr(webhook, name) for name in names}


def delivery_dict(delivery: Delivery) -> dict[str, Any]:
    """The fields of `DeliverySerializer`."""
    waiting = delivery.state == DeliveryState.WAITING
    return {
        "id": delivery.pk,
        "webhook": delivery.webhook_id,
        "job": delivery.job_id,
        "event": delivery.event,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "last_status": delivery.last_status,
        "error": delivery.error,
        "next_attempt_at": delivery.not_before if waiting else None,
        "created_at": delivery.created_at,
        "finished_at": delivery.finished_at,
    }
