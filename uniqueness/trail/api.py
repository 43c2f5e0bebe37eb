"""The audit trail over HTTP."""

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from toolkit.requests import PlainNumberField, StrictSerializer, refuse_pans
from toolkit.views import checked, next_url
from uniqueness.models import AuditEntry
from uniqueness.numbers import holds_card_number
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

    actor = serializers.CharField(max_length=150, required=False)
    action = serializers.CharField(max_length=64, required=False)
    subject = serializers.CharField(max_length=64, required=False)
    request_id = serializers.CharField(max_length=64, required=False)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    limit = PlainNumberField(min_value=1, max_value=_MOST, default=100)
    after = PlainNumberField(min_value=0, max_value=_MAX_ID, default=_MAX_ID)


class AuditView(APIView):
    """The audit trail."""

    @extend_schema(
        operation_id="audit",
        parameters=[
            OpenApiParameter("actor", str, description="name of the user, whole"),
            OpenApiParameter("action", str, description="such as `revoke_key`, docs/security.md"),
            OpenApiParameter("subject", str, description="whole"),
            OpenApiParameter("request_id", str, description="of the `X-Request-ID` header"),
            OpenApiParameter("since", OpenApiTypes.DATETIME, description="the first moment"),
            OpenApiParameter("until", OpenApiTypes.DATETIME, description="after the last one"),
            OpenApiParameter("limit", int, description="1 to 1,000; 100 if absent"),
            OpenApiParameter("after", int, description="from `next`"),
        ],
        responses=AuditListSerializer,
    )
    def get(self, request: Request) -> Response:
        """List who did what, newest first."""
        refuse_pans(request.query_params, found=holds_card_number)
        asked = checked(AuditQuery(data=request.query_params))
        after, limit = asked.pop("after"), asked.pop("limit")
        rows = list(find(Search(**asked)).filter(id__lt=after)[: limit + 1])
        shown = rows[:limit]
        after = str(shown[-1].pk) if len(rows) > limit else ""
        results = AuditEntrySerializer(shown, many=True).data
        return Response({"results": results, "next": next_url(request, after)})
