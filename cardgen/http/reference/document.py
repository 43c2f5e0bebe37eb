"""The OpenAPI document as it is served, and how its key is described."""

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the key to OpenAPI."""

    target_class = "cardgen.access.authentication.api_keys.ApiKeyAuthentication"
    name = ["bearerKey", "headerKey"]  # noqa: RUF012 (the base class declares it so)

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, str]]:
        """Both ways to send the key."""
        return [
            {"type": "http", "scheme": "bearer"},
            {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        ]

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[str]]]:
        """Either is enough."""
        return [{"bearerKey": []}, {"headerKey": []}]


class SchemaView(SpectacularAPIView):
    """The OpenAPI document; it holds no secret, and is the same for everybody.

    So it is written once in each form: that takes longer than a hundred other answers.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    _written: ClassVar[dict[str, bytes]] = {}

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer in the form that the client accepts."""
        renderer: Any = request.accepted_renderer
        form = renderer.media_type
        if form not in self._written:
            found = super().get(request)  # type: ignore[no-untyped-call]
            self._written[form] = renderer.render(found.data)
        name = f'inline; filename="cardgen.{renderer.format}"'
        return HttpResponse(
            self._written[form], content_type=form, headers={"Content-Disposition": name}
        )
