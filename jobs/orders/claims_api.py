"""Claim particular numbers over HTTP. Numbers come in the body, never in the URL."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from jobs.orders.answers import GeneratedSerializer, generated
from jobs.orders.claim_obstacles import obstacles_to_claim
from jobs.orders.claims import claim
from jobs.orders.error_answers import add_errors, require_valid
from jobs.orders.headers import origin_of
from jobs.orders.obstacles import Obstacle
from jobs.orders.order import MAX_INLINE, Order
from jobs.orders.serializers import AnsweredSerializer
from jobs.orders.wrong_serializers import right_values
from jobs.quotas.headers import QUOTA_HEADERS, Metered
from jobs.results import blocks
from toolkit.refusals import Refusal
from toolkit.requests import NumbersField, WholeNumberField
from uniqueness.claims import Wish

_WISHES = ("numbers", "ending", "start")
_BEYOND = (
    f"At most {MAX_INLINE:,} numbers in one request: claim the rest in others. For numbers of any"
    " kind, more at once: POST /api/v1/cards/generate-async."
)
_OF_MINTING = ("defect", "distinct_last_four", "ordering")


class ClaimSerializer(AnsweredSerializer):
    """Numbers of one registered range: a list, or how many with an ending or from a start."""

    range = serializers.CharField(max_length=16, help_text="e.g. 400000-16")
    numbers = NumbersField(required=False, help_text="1 to 1,000 whole numbers, each once")
    ending = serializers.RegexField(
        r"\A[0-9]{2,8}\Z",
        required=False,
        help_text="the last 2 to 8 digits, check digit included",
        error_messages={"invalid": "Send the last 2 to 8 digits, as text."},
    )
    start = serializers.RegexField(
        r"\A[0-9]{6,19}\Z",
        required=False,
        help_text="the first unused numbers from here on: a number or its first digits",
        error_messages={"invalid": "Send a number or its first 6 digits or more, as text."},
    )
    count = WholeNumberField(
        min_value=1,
        max_value=MAX_INLINE,
        required=False,
        help_text="with ending or start",
        error_messages={"max_value": _BEYOND},
    )

    def validate_numbers(self, numbers: list[str]) -> list[str]:
        """At most 1,000, each once."""
        if len(numbers) > MAX_INLINE:
            raise serializers.ValidationError(_BEYOND)
        if len(set(numbers)) != len(numbers):
            raise serializers.ValidationError("Send each number once.")
        return numbers

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One way to say which numbers, and nothing that claimed numbers cannot have."""
        odd = [name for name in _OF_MINTING if attrs.get(name) not in (None, False, "random")]
        if odd:
            raise serializers.ValidationError(
                dict.fromkeys(odd, "Claimed numbers are good cards, as they are.")
            )
        if sum(name in attrs for name in _WISHES) != 1:
            raise serializers.ValidationError("Give one of numbers, ending and start.")
        if ("count" in attrs) == ("numbers" in attrs):
            raise serializers.ValidationError(
                {"count": "Say how many with ending or start; a list of numbers says it itself."}
            )
        count = len(attrs["numbers"]) if "numbers" in attrs else attrs["count"]
        return attrs | {"items": [{"range": attrs["range"], "count": count}]}

    def wish(self) -> Wish:
        """Which numbers; what is wrong of it is left out."""
        data = right_values(self)
        numbers = tuple(data.get("numbers", ()))
        return Wish(numbers=numbers, ending=data.get("ending"), start=data.get("start"))

    def obstacles(self, order: Order, **more: Any) -> list[Obstacle]:
        """List all that the claim would be refused for; see `obstacles_to_claim`."""
        return obstacles_to_claim(order, wish=self.wish(), **more)


class ClaimView(Metered):
    """Particular numbers."""

    @extend_schema(
        operation_id="cards_claim",
        parameters=QUOTA_HEADERS,
        request=ClaimSerializer,
        responses={201: GeneratedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Issue particular unissued numbers of a registered range, all or none of them.

        Orders step over them from then on. Say which by `numbers`, by `ending` and `count`, or
        by `start` and `count` for the first unused ones from there. A search takes at most some
        seconds; if it gives up, the refusal says so.
        """
        asked, origin = ClaimSerializer(data=request.data), origin_of(request)
        order = require_valid(asked, origin=origin, find=asked.obstacles)
        try:
            job = claim(order=order, wish=asked.wish(), origin=origin)
        except Refusal as refusal:
            add_errors(refusal, order, origin=origin, body=asked.initial_data, find=asked.obstacles)
            raise
        return generated(job, blocks(job))
