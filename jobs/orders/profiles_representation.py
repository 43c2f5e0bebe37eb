"""Profiles as the API takes and shows them."""

import json
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from jobs.models import LONGEST_BODY, LONGEST_PROFILE_NAME, OrderProfile
from jobs.orders.filling import plain_name
from jobs.orders.profiles import ProfileDraft
from jobs.orders.serializers import OrderSerializer
from toolkit.disguises import hides
from toolkit.requests import StrictSerializer
from uniqueness.numbers import holds_card_number


@extend_schema_field(OrderSerializer)
class OrderBodyField(serializers.Field[Any, Any, Any, Any]):
    """An order, checked as one and kept as it was sent."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Check it; the body stays as it is, so a window of months goes on counting from today."""
        asked = OrderSerializer(data=data)
        if not asked.is_valid():
            raise serializers.ValidationError(asked.errors)
        if len(json.dumps(data, ensure_ascii=False)) > LONGEST_BODY:
            raise serializers.ValidationError(f"At most {LONGEST_BODY:,} characters of JSON.")
        return {"body": data, "order": asked.order()}

    def to_representation(self, value: Any) -> Any:
        """As it was sent."""
        return value


class ProfileNameSerializer(StrictSerializer):
    """The name of a profile."""

    name = serializers.CharField(
        max_length=LONGEST_PROFILE_NAME,
        help_text="no two of yours have the same, in small or capital letters",
    )

    def validate_name(self, name: str) -> str:
        """Can be told from an id, looks like itself, and holds no card number."""
        if name.isdecimal() and name.isascii():
            raise serializers.ValidationError("Digits alone are an id: add a letter.")
        if any(map(hides, name)):
            raise serializers.ValidationError(
                "The name holds a control character, or one that turns the direction of writing."
            )
        if holds_card_number(name):
            raise serializers.ValidationError(
                "A card number seems to stand in the name, which is kept and shown: leave it out."
            )
        return plain_name(name)


class ProfileRequestSerializer(ProfileNameSerializer):
    """A profile to save."""

    order = OrderBodyField(help_text="all that an order may say")

    def draft(self) -> ProfileDraft:
        """Return what was checked."""
        asked = self.validated_data
        return ProfileDraft(name=asked["name"], **asked["order"])


class ProfileSerializer(serializers.Serializer[Any]):
    """A profile."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    owner = serializers.CharField(help_text="only they change and delete it")
    team = serializers.CharField(allow_null=True, help_text="whose members see it: the order's")
    order = OrderBodyField()
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()


class ProfileListSerializer(serializers.Serializer[Any]):
    """A page of profiles, the newest first."""

    results = ProfileSerializer(many=True)
    next = serializers.URLField(allow_null=True)


def profile_dict(profile: OrderProfile) -> dict[str, Any]:
    """The fields of `ProfileSerializer`."""
    return {
        "id": profile.pk,
        "name": profile.name,
        "owner": profile.owner.get_username(),
        "team": profile.team.name if profile.team else None,
        "order": profile.body,
        "created_at": profile.created_at,
        "changed_at": profile.changed_at,
    }
