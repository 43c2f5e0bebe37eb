"""Cards as the API shows them; the serializers only describe the shapes to OpenAPI."""

from typing import Any

from rest_framework import serializers


class CardSerializer(serializers.Serializer[Any]):
    """A card; `tier` says what is promised about its number."""

    pan = serializers.CharField()
    scheme = serializers.CharField()
    expiry_month = serializers.IntegerField(min_value=1, max_value=12)
    expiry_year = serializers.IntegerField()
    cvv = serializers.CharField()
    cardholder_name = serializers.CharField()
    tier = serializers.CharField()


class CardListSerializer(serializers.Serializer[Any]):
    """A page of cards."""

    results = CardSerializer(many=True)
    next = serializers.URLField(allow_null=True)
