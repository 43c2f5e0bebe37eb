"""The audit trail over HTTP."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from toolkit.views import IsAdministrator, RegistryView, checked, next_url
from uniqueness.models import AuditEntry

_PAGE = 100


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    """One line of the audit trail."""

    class Meta:
        model = AuditEntry
        fields: ClassVar = ["id", "at", "actor", "action", "subject", "reason"]


class AuditListSerializer(serializers.Serializer[Any]):
    """A page of the audit trail, newest first."""

    results = AuditEntrySerializer(many=True)
    next = serializers.URLField(allow_null=True)


class AuditQuery(serializers.Serializer[Any]):
    """Query of the audit trail."""

    after = serializers.IntegerField(min_value=0, max_value=2**62, default=2**62)


class AuditView(RegistryView):
    """The audit trail."""

    right = IsAdministrator

    @extend_schema(
        operation_id="audit",
        parameters=[OpenApiParameter("after", int, description="from `next`")],
        responses=AuditListSerializer,
    )
    def get(self, request: Request) -> Response:
        """List what administrators changed, newest first."""
        after = checked(AuditQuery(data=request.query_params))["after"]
        rows = list(AuditEntry.objects.filter(id__lt=after)[: _PAGE + 1])
        shown = rows[:_PAGE]
        after = str(shown[-1].pk) if len(rows) > _PAGE else ""
        results = AuditEntrySerializer(shown, many=True).data
        return Response({"results": results, "next": next_url(request, after)})
