"""Issuer ranges as the API shows them; the serializers only describe the shapes to OpenAPI."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from generation.models import IssuerRange, Tier
from uniqueness.pool.capacity import RangeFigures, figures_of


class RangeSerializer(serializers.Serializer[Any]):
    """A registered issuer range."""

    range = serializers.CharField()
    scheme = serializers.CharField()
    iin = serializers.CharField()
    pan_length = serializers.IntegerField()
    tier = serializers.ChoiceField(choices=Tier.choices)
    source = serializers.CharField()  # type: ignore[assignment]  # DRF takes fields off the class
    statement = serializers.CharField(help_text="of an owned range: what is stated of it")
    enabled = serializers.BooleanField(help_text="its tier must be on too")
    capacity = serializers.IntegerField()
    issued = serializers.IntegerField(help_text="written to the ledger, purged ones too")
    reserved = serializers.IntegerField(help_text="held by jobs, some of them issued by now")
    released = serializers.IntegerField(help_text="held once, hold no card, free again")
    released_sequential = serializers.IntegerField(help_text="the same, for sequential cards only")
    promised = serializers.IntegerField(help_text="kept for jobs that set them aside later")
    excluded = serializers.IntegerField(help_text="never issued at random")
    left = serializers.IntegerField(help_text="can still be ordered")


class RangeListSerializer(serializers.Serializer[Any]):
    """All registered ranges."""

    results = RangeSerializer(many=True)
    next = serializers.URLField(allow_null=True)


def range_dicts(ranges: Iterable[IssuerRange]) -> list[dict[str, Any]]:
    """Show registered ranges, with what is left in all of them counted in one query."""
    found = list(ranges)
    figures = figures_of(found)
    return [_range_dict(issuer_range, figures[issuer_range.pk]) for issuer_range in found]


def _range_dict(issuer_range: IssuerRange, figures: RangeFigures) -> dict[str, Any]:
    names = ("scheme", "iin", "pan_length", "tier", "source", "statement", "enabled")
    shown = {name: getattr(issuer_range, name) for name in names}
    return {"range": issuer_range.name, **shown, **asdict(figures)}
