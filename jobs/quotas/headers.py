"""Quotas in answers: which limits hold and what is left of them, after every order."""

from contextlib import suppress
from typing import Any

from django.db import Error as DatabaseError
from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter
from psycopg import Error as DriverError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs.quotas import counting
from jobs.quotas.limits import Limits, Orderer, Unit, limits_of

_DAY = 86_400
_UNITS = {Unit.CARDS: f';qu="cards";w={_DAY}', Unit.JOBS: ';qu="jobs"'}
_TOLD = {200, 201, 202, 429}
QUOTA_HEADERS = [
    OpenApiParameter(
        "RateLimit-Policy",
        str,
        OpenApiParameter.HEADER,
        response=True,
        description="The caller's quotas, if any (IETF draft RateLimit header fields for HTTP):"
        ' `"user-cards-per-day";q=1000;qu="cards";w=86400, "key-active-jobs";q=4;qu="jobs"`.'
        " Beyond one: 429 `quota_exceeded`. Behind them: limits of requests.",
    ),
    OpenApiParameter(
        "RateLimit",
        str,
        OpenApiParameter.HEADER,
        response=True,
        description='What is left of each: `"user-cards-per-day";r=990;t=3600`; t: seconds to'
        " midnight UTC.",
    ),
]


class Metered(APIView):
    """A view whose answers tell a limited caller what is left, refused or not.

    The limits are read as the request comes: who has none costs no more than that.
    """

    limits: Limits | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let the caller in, and read what limits hold."""
        super().initial(request, *args, **kwargs)
        self.limits = limits_of(orderer(request))

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Add the headers."""
        final: Response = super().finalize_response(request, response, *args, **kwargs)
        if final.status_code in _TOLD and self.limits:
            # The order is done; a database that died since then must not make it look undone.
            with suppress(DatabaseError, DriverError):
                _tell(request, final)
        return final


def key_id(request: Request) -> int | None:
    """The id of the API key that the request came with; sessions have none."""
    return getattr(request.auth, "pk", None)


def orderer(request: Request) -> Orderer:
    """Whose quotas the request is about."""
    return Orderer(user_id=int(request.user.pk or 0), api_key_id=key_id(request))


def _tell(request: Request, response: HttpResponseBase) -> None:
    """Write both header fields as lists of items (RFC 9651), nothing for who has no limit.

    They are read anew: a small order has ended by now and is active no more.
    """
    by = orderer(request)
    limits = limits_of(by)
    if not limits:
        return
    now = counting.usage(by)
    found = now.of(limits)
    ends = {Unit.CARDS: f";t={now.seconds_left}", Unit.JOBS: ""}
    policies = [f'"{one.policy}";q={one.limit}{_UNITS[one.unit]}' for one in found]
    response["RateLimit-Policy"] = ", ".join(policies)
    response["RateLimit"] = ", ".join(
        f'"{one.policy}";r={one.left}{ends[one.unit]}' for one in found
    )
