"""`GET /api/v1`: what there is, for whoever comes by hand."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from cardgen.http.queries import KnownParameters
from cardgen.http.told import HOW_TO_SIGN_IN
from toolkit.version import VERSION

LINKS: Mapping[str, str] = {
    "issue_cards": "generate",
    "issue_many_cards": "generate-async",
    "profiles": "profiles",
    "jobs": "jobs",
    "statistics": "statistics",
    "check_numbers": "check",
    "published_test_cards": "test-cards",
    "schemes": "schemes",
    "issuer_ranges": "issuer-ranges",
    "tiers": "tiers",
    "exclusions": "exclusions",
    "webhooks": "webhooks",
    "keys": "keys",
    "quota": "quota",
    "queue": "queue",
    "reference": "api-docs",
    "openapi": "schema",
    "health": "health",
}


class IndexSerializer(serializers.Serializer[Any]):
    """What there is."""

    name = serializers.CharField()
    version = serializers.CharField(help_text="of the service")
    authentication = serializers.CharField()
    links = serializers.DictField(child=serializers.URLField())


class IndexView(APIView):
    """The index."""

    authentication_classes = ()
    permission_classes = (AllowAny, KnownParameters)

    @extend_schema(operation_id="index", responses=IndexSerializer)
    def get(self, request: Request) -> Response:
        """List the main routes. It needs no API key."""
        links = {name: reverse(route, request=request) for name, route in LINKS.items()}
        body = {"name": "cardgen", "version": VERSION, "authentication": HOW_TO_SIGN_IN}
        return Response(body | {"links": links})
