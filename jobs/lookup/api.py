"""Has this number ever been handed out? Numbers come in the body; none is logged or stored."""

import re
import time
from typing import Any
from uuid import UUID

import numpy as np
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.known_ranges import known
from generation.models import IssuerRange, Tier
from jobs import watching
from jobs.lookup.whose import count_asked
from toolkit import tally
from toolkit.requests import MAX_NUMBERS, PLACE, NumbersField, StrictSerializer
from toolkit.rights import Right, has_right
from uniqueness.cache import pans_of
from uniqueness.check import Finding, Layer, State, check

_HASH = re.compile("[0-9A-Fa-f]{32}")
_NO_HASH = "A keyed hash has 32 hexadecimal digits."


@extend_schema_field(
    {
        "type": "array",
        "items": {"type": "string", "pattern": "^[0-9A-Fa-f]{32}$"},
        "minItems": 1,
        "maxItems": MAX_NUMBERS,
    }
)
class HashesField(serializers.Field[Any, Any, Any, Any]):
    """1 to 10,000 keyed hashes, 32 hexadecimal digits each."""

    def to_internal_value(self, data: Any) -> list[str]:
        """Turn them back into numbers; what is no hash of ours becomes an empty text."""
        if not isinstance(data, list) or not data:
            raise serializers.ValidationError("Send a list of one or more keyed hashes, as text.")
        if len(data) > MAX_NUMBERS:
            raise serializers.ValidationError(
                f"At most {MAX_NUMBERS} hashes in one request; {len(data)} were sent."
            )
        wrong = [place for place, item in enumerate(data) if not _is_hash(item)]
        if wrong:
            raise serializers.ValidationError(dict.fromkeys(map(str, wrong[:10]), _NO_HASH))
        tokens = np.frombuffer(bytes.fromhex("".join(data)), dtype="V16")
        return [pan.decode() for pan in pans_of(tokens).tolist()]

    def to_representation(self, value: Any) -> Any:
        """Hashes are only read."""
        return value


class CheckSerializer(StrictSerializer):
    """Numbers, or keyed hashes of numbers."""

    numbers = NumbersField(required=False)
    hashes = HashesField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two."""
        if len(attrs) != 1:
            raise serializers.ValidationError("Give either numbers or hashes.")
        return attrs


class FindingSerializer(serializers.Serializer[Any]):
    """What is known of one number."""

    place = serializers.IntegerField(min_value=0, help_text=PLACE)
    state = serializers.ChoiceField(choices=[state.value for state in State])
    layer = serializers.ChoiceField(
        choices=[layer.value for layer in Layer], help_text="which layer knew"
    )
    range = serializers.CharField(allow_null=True, help_text="the registered range it lies in")
    tier = serializers.ChoiceField(choices=Tier.choices, allow_null=True)
    job = serializers.UUIDField(allow_null=True, help_text="null if it is not yours to see")
    label = serializers.CharField(allow_null=True)  # type: ignore[assignment]  # DRF takes it off


class CheckedSerializer(serializers.Serializer[Any]):
    """Findings in the order asked."""

    results = FindingSerializer(many=True)
    milliseconds = serializers.FloatField(help_text="time the layers took")


class CheckView(APIView):
    """Numbers looked up in all layers."""

    @extend_schema(
        operation_id="cards_check", request=CheckSerializer, responses={200: CheckedSerializer}
    )
    def post(self, request: Request) -> Response:
        """Tell for 1 to 10,000 numbers whether they were ever handed out, and in which job.

        `excluded` is told to administrators alone: for others an imported number, which may be
        somebody's real card, is `unissued` or `unknown` like the numbers beside it.
        """
        asked = CheckSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        (numbers,) = asked.validated_data.values()
        started = time.perf_counter()
        findings = list(check(numbers, imported=has_right(request.user, Right.EXCLUDE)))
        milliseconds = round((time.perf_counter() - started) * 1000, 2)
        count_asked(tally.who(request), numbers, findings)
        body = {"results": _shown(request, findings), "milliseconds": milliseconds}
        return Response(body, headers={"Cache-Control": "no-store"})


def _is_hash(item: Any) -> bool:
    return isinstance(item, str) and _HASH.fullmatch(item) is not None


def _shown(request: Request, findings: list[Finding]) -> list[dict[str, Any]]:
    ranges = known({found.range_id for found in findings if found.range_id})
    owners = {found.owner for found in findings if found.owner}
    seen = watching.visible_to(request.user).filter(id__in=owners)
    labels: dict[UUID, str] = dict(seen.values_list("id", "label"))
    return [{"place": place} | _one(found, ranges, labels) for place, found in enumerate(findings)]


def _one(found: Finding, ranges: dict[int, IssuerRange], labels: dict[UUID, str]) -> dict[str, Any]:
    issuer_range = ranges.get(found.range_id or 0)
    mine = found.owner in labels
    return {
        "state": found.state,
        "layer": found.layer,
        "range": issuer_range.name if issuer_range else None,
        "tier": issuer_range.tier if issuer_range else None,
        "job": found.owner if mine else None,
        "label": labels[found.owner] if mine and found.owner else None,
    }
