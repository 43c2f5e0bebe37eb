"""How published test cards are shown. Their numbers are public; a number looked up is not."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from generation import published
from generation.published import Meaning
from toolkit.requests import PLACE
from uniqueness.numbers import PUBLISHED, Verdict

_BRIEF_FIELDS = ("provider", "gateway", "behaviour", "detail", "use_with")
_MEANING_FIELDS = (*_BRIEF_FIELDS, "source", "source_kind")
_TIERS = [(PUBLISHED, "published by a payment provider")]


class BriefMeaningSerializer(serializers.Serializer[Any]):
    """What a number means at another provider."""

    provider = serializers.CharField()
    gateway = serializers.CharField()
    behaviour = serializers.CharField()
    detail = serializers.CharField()
    use_with = serializers.CharField(
        help_text="CVC, expiry, name or amount that the provider asks for; empty: it says nothing"
    )


class MeaningSerializer(BriefMeaningSerializer):
    """What a number means at a provider, and where that is written."""

    source = serializers.CharField()  # type: ignore[assignment]  # DRF takes fields off the class
    source_kind = serializers.CharField()


class TestCardSerializer(MeaningSerializer):
    """One number at one provider."""

    number = serializers.CharField()
    scheme = serializers.CharField(
        help_text="code, or the provider's word for a network outside the scheme catalogue"
    )
    luhn_valid = serializers.BooleanField(help_text="false: published so, on purpose or by error")
    tier = serializers.ChoiceField(choices=_TIERS)
    elsewhere = BriefMeaningSerializer(many=True, help_text="the same number at other providers")


class TestCardListSerializer(serializers.Serializer[Any]):
    """A page of published cards."""

    results = TestCardSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class LookupSerializer(serializers.Serializer[Any]):
    """One number that was looked up."""

    place = serializers.IntegerField(min_value=0, help_text=PLACE)
    masked = serializers.CharField(help_text="the number is not repeated")
    luhn_valid = serializers.BooleanField()
    scheme = serializers.CharField(allow_null=True)
    tier = serializers.ChoiceField(choices=_TIERS, allow_null=True, help_text="null: unpublished")
    meanings = MeaningSerializer(many=True)


class LookupListSerializer(serializers.Serializer[Any]):
    """Results in the order asked."""

    results = LookupSerializer(many=True)


class GatewaySerializer(serializers.Serializer[Any]):
    """A provider."""

    gateway = serializers.CharField(help_text="slug")
    provider = serializers.CharField()
    cards = serializers.IntegerField()


class GatewayListSerializer(serializers.Serializer[Any]):
    """All providers."""

    results = GatewaySerializer(many=True)
    next = serializers.URLField(allow_null=True)


CARD_FIELDS = ("number", "scheme", *_BRIEF_FIELDS, "luhn_valid", "source", "source_kind")
CSV_FIELDS = (*CARD_FIELDS, "tier", "elsewhere")


def card_dict(meaning: Meaning) -> dict[str, Any]:
    """One number at one provider, with what it means at the others."""
    others = published.elsewhere(meaning)
    return {
        **_picked(meaning, CARD_FIELDS),
        "tier": PUBLISHED,
        "elsewhere": [_picked(other, _BRIEF_FIELDS) for other in others],
    }


def csv_dict(meaning: Meaning) -> dict[str, str]:
    """The same on one line: `elsewhere` as `provider: behaviour; …`."""
    others = (f"{other.provider}: {other.behaviour}" for other in published.elsewhere(meaning))
    shown = {name: str(value) for name, value in _picked(meaning, CARD_FIELDS).items()}
    luhn = "yes" if meaning.luhn_valid else "no"
    return shown | {"luhn_valid": luhn, "tier": PUBLISHED, "elsewhere": "; ".join(others)}


def lookup_dict(verdict: Verdict, meanings: Iterable[Meaning]) -> dict[str, Any]:
    """One number that was looked up; `tier` speaks of publication only."""
    return {
        "masked": verdict.masked,
        "luhn_valid": verdict.luhn_valid,
        "scheme": verdict.scheme.code if verdict.scheme else None,
        "tier": PUBLISHED if verdict.tier == PUBLISHED else None,
        "meanings": [_picked(meaning, _MEANING_FIELDS) for meaning in meanings],
    }


def _picked(meaning: Meaning, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(meaning, name) for name in names}
