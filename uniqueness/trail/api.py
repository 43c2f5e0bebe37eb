"""The audit trail over HTTP."""

from operator import attrgetter
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from toolkit.requests import PlainNumberField, StrictSerializer, refuse_pans
from toolkit.views import asked, cut, next_url
from uniqueness.models import AuditEntry
from uniqueness.numbers import holds_card_number
from uniqueness.trail.names import wrong_action, wrong_actor
from uniqueness.trail.searching import Search, find

_MOST = 1_000
_MAX_ID = 2**62


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    """One line of the audit trail."""

    class Meta:
        model = AuditEntry
        fields: ClassVar = [
            *("id", "at", "actor", "user_id", "key_id", "address", "request_id", "via"),
            *("action", "subject", "reason", "before", "after"),
        ]


class AuditListSerializer(serializers.Serializer[Any]):
    """A page of the audit trail, newest first."""

    results = AuditEntrySerializer(many=True)
    next = serializers.URLField(allow_null=True)


class AuditQuery(StrictSerializer):
    """Query of the audit trail."""

    actor = serializers.CharField(
        max_length=150, required=False, help_text="name of the user, whole"
    )
    action = serializers.CharField(max_length=64, required=False, help_text="such as `revoke_key`")
    subject = serializers.CharField(max_length=64, required=False, help_text="whole")
    request_id = serializers.CharField(
        max_length=64, required=False, help_text="of the `X-Request-ID` header"
    )
    since = serializers.DateTimeField(required=False, help_text="the first moment")
    until = serializers.DateTimeField(required=False, help_text="after the last one")
    limit = PlainNumberField(
        min_value=1, max_value=_MOST, default=100, help_text="entries in a page, 1 to 1,000"
    )
    after = PlainNumberField(
        min_value=0, max_value=_MAX_ID, default=_MAX_ID, help_text="from `next` of the page before"
    )

    def validate_actor(self, value: str) -> str:
        """Refuse a name that nobody has: an empty page would hide a misspelt one."""
        return _right(value, wrong_actor(value))

    def validate_action(self, value: str) -> str:
        """Refuse a name that nothing has."""
        return _right(value, wrong_action(value))


class AuditView(APIView):
    """The audit trail."""

    @extend_schema(
        operation_id="audit",
        parameters=[AuditQuery],
        responses=AuditListSerializer,
    )
    def get(self, request: Request) -> Response:
        """List who did what, newest first."""
        refuse_pans(request.query_params, found=holds_card_number)
        query = asked(request, AuditQuery)
        after, limit = query.pop("after"), query.pop("limit")
        rows = list(find(Search(**query)).filter(id__lt=after)[: limit + 1])
        page = cut(rows, limit=limit, cursor=attrgetter("pk"))
        results = AuditEntrySerializer(page.rows, many=True).data
        return Response({"results": results, "next": next_url(request, page.after)})


def _right(value: str, wrong: str) -> str:
    if wrong:
        raise serializers.ValidationError(wrong)
    return value
