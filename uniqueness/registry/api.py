"""Register ranges, switch ranges and tiers, read the audit trail, over HTTP."""

from operator import attrgetter
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation import tiers
from generation.batch import issuer_keys
from generation.errors import UnregisteredIin
from generation.models import IssuerRange, Tier
from generation.ranges import meant_by, registered
from generation.schemes import code_of
from toolkit.actor import actor_of
from toolkit.near import did_you_mean
from toolkit.requests import ChoiceField, PlainNumberField, StrictSerializer
from toolkit.views import asked, checked, cut, next_url
from uniqueness.registry import changes
from uniqueness.registry.representation import RangeListSerializer, RangeSerializer, range_dicts
from uniqueness.trail import note


class OwnedRangeSerializer(StrictSerializer):
    """A range to register."""

    scheme = serializers.CharField(max_length=32)
    iin = serializers.RegexField(r"\A([0-9]{6}|[0-9]{8})\Z", help_text="6 or 8 digits")
    pan_length = serializers.IntegerField(min_value=12, max_value=19)
    statement = serializers.CharField(
        max_length=2_000, help_text="why the organisation may use these numbers; kept for good"
    )


class RangeQuery(StrictSerializer):
    """Query of the ranges."""

    scheme = serializers.CharField(
        max_length=32, required=False, help_text="code of a scheme, such as visa"
    )
    tier = ChoiceField(choices=Tier.choices, required=False, help_text="only those of this tier")
    enabled = serializers.BooleanField(required=False, help_text="of the range; see tiers, too")
    limit = PlainNumberField(
        min_value=1, max_value=1_000, default=1_000, help_text="ranges in a page, 1 to 1,000"
    )
    after = PlainNumberField(
        min_value=0, max_value=10**9, default=0, help_text="from `next` of the page before"
    )

    def validate_scheme(self, scheme: str) -> str:
        """Any case is right."""
        return code_of(scheme)


class SwitchSerializer(StrictSerializer):
    """On or off, and why."""

    enabled = serializers.BooleanField()
    reason = serializers.CharField(max_length=2_000, help_text="stands in the audit trail")


class TestKeysSerializer(serializers.Serializer[Any]):
    """Double-length triple DES keys, hexadecimal."""

    range = serializers.CharField()
    cvk = serializers.CharField(help_text="card verification key pair: CVV, CVV2, iCVV")
    pvk = serializers.CharField(help_text="PIN verification key pair: Visa PVV, PVKI 1")
    zpk = serializers.CharField(help_text="zone PIN key: PIN blocks")
    check_values = serializers.DictField(child=serializers.CharField(), help_text="ANSI X9.24-1")


class TierSerializer(serializers.Serializer[Any]):
    """A tier, its promise, and whether cards may be issued in its ranges."""

    tier = serializers.ChoiceField(choices=Tier.choices)
    promise = serializers.CharField()
    enabled = serializers.BooleanField()


class TierListSerializer(serializers.Serializer[Any]):
    """All tiers, the safest first."""

    results = TierSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class RangesView(APIView):
    """Registered ranges."""

    @extend_schema(
        operation_id="issuer_ranges", parameters=[RangeQuery], responses=RangeListSerializer
    )
    def get(self, request: Request) -> Response:
        """List the registered ranges with their tier, its source, and the numbers left."""
        query = asked(request, RangeQuery)
        after, limit = query.pop("after"), query.pop("limit")
        found = IssuerRange.objects.filter(pk__gt=after, **query).order_by("pk")[: limit + 1]
        page = cut(list(found), limit=limit, cursor=attrgetter("pk"))
        return Response({"results": range_dicts(page.rows), "next": next_url(request, page.after)})

    @extend_schema(
        operation_id="issuer_range_register",
        request=OwnedRangeSerializer,
        responses={201: RangeSerializer},
    )
    def post(self, request: Request) -> Response:
        """Register a range that the organisation owns (tier `owned`)."""
        wanted = checked(OwnedRangeSerializer(data=request.data))
        made = changes.register_owned(**wanted, actor=actor_of(request))
        return Response(range_dicts([made])[0], status=201)


class RangeView(APIView):
    """One registered range."""

    @extend_schema(
        operation_id="issuer_range_switch", request=SwitchSerializer, responses=RangeSerializer
    )
    def patch(self, request: Request, name: str) -> Response:
        """Switch a range on or off for new cards; cards issued before keep their guarantee."""
        wanted = checked(SwitchSerializer(data=request.data))
        try:
            found = changes.switch_range(
                name=name, on=wanted["enabled"], reason=wanted["reason"], actor=actor_of(request)
            )
        except UnregisteredIin:
            raise _not_found(name) from None
        return Response(range_dicts([found])[0])


class RangeKeysView(APIView):
    """Test issuer keys of one range."""

    @extend_schema(operation_id="issuer_range_test_keys", responses=TestKeysSerializer)
    def get(self, request: Request, name: str) -> Response:
        """Show the keys that an issuer simulator verifies this range's cards with.

        They are derived for tests and protect nothing.
        """
        found = registered(name).first()
        if found is None:
            raise _not_found(name)
        note(
            actor=actor_of(request),
            action="read_test_keys",
            subject=found.name,
            reason="test keys shown",
        )
        keys = issuer_keys(found)
        shown = {key: getattr(keys, key).hex().upper() for key in ("cvk", "pvk", "zpk")}
        body = {"range": found.name, **shown, "check_values": keys.check_values}
        return Response(body, headers={"Cache-Control": "no-store"})


class TiersView(APIView):
    """Tiers."""

    @extend_schema(operation_id="tiers", responses=TierListSerializer)
    def get(self, request: Request) -> Response:
        """List the tiers with their promises, the safest first: always the whole list."""
        return Response({"results": [_tier_dict(tier) for tier in tiers.ORDER], "next": None})


class TierView(APIView):
    """One tier."""

    @extend_schema(operation_id="tier_switch", request=SwitchSerializer, responses=TierSerializer)
    def patch(self, request: Request, tier: str) -> Response:
        """Switch a tier on or off for new cards."""
        if tier not in Tier.values:
            raise NotFound(f"There is no such tier.{did_you_mean(tier, Tier.values)}")
        wanted = checked(SwitchSerializer(data=request.data))
        changes.switch_tier(
            tier=Tier(tier),
            on=wanted["enabled"],
            reason=wanted["reason"],
            actor=actor_of(request),
        )
        return Response(_tier_dict(tier))


def _not_found(name: str) -> NotFound:
    """Say that the path names no range; it is not repeated, for it may be a card number."""
    meant = meant_by(name)
    lists = "GET /api/v1/issuer-ranges lists them."
    return NotFound(f"No such issuer range is registered.{meant} {lists}")


def _tier_dict(tier: str) -> dict[str, Any]:
    return {
        "tier": tier,
        "promise": tiers.PROMISES[tier],
        "enabled": tiers.is_enabled(tier),
    }
