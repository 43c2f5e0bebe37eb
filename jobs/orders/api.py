"""Orders over HTTP: parse, one service call, translate the answer; a repeat gets its first job."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import MethodNotAllowed, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from jobs import results
from jobs.models import Job, Status
from jobs.orders import accepting, at_once, idempotency
from jobs.orders.answers import GeneratedSerializer, accepted, generated
from jobs.orders.error_answers import add_errors, refuse_profile, require_valid
from jobs.orders.filling import AmbiguousProfile, UnknownProfile, filled, without_profile
from jobs.orders.headers import origin_of
from jobs.orders.order import MAX_INLINE, Order, Origin
from jobs.orders.serializers import (
    BEYOND_INLINE,
    IinOrderSerializer,
    JobOrderSerializer,
    OptionsSerializer,
    SmallOrderSerializer,
)
from jobs.quotas import QuotaExceeded
from jobs.quotas.headers import QUOTA_HEADERS, Metered
from jobs.watching.representation import JobSerializer
from jobs.work import bell
from toolkit.refusals import Refusal
from toolkit.requests import PlainNumberField, StrictSerializer
from toolkit.views import asked

_GET_IS_OFF = (
    "Cards are not made by a GET here (CARDGEN_GET_GENERATE=0): send POST /api/v1/cards/generate"
    ' {"scheme": "visa", "count": 1}.'
)
_ORDER_HEADERS = [
    OpenApiParameter(
        "Idempotency-Key",
        {"type": "string", "pattern": "^[!-~]{1,255}$"},
        OpenApiParameter.HEADER,
        description="1 to 255 visible ASCII characters: the same key gives the same job",
    ),
    *QUOTA_HEADERS,
]
_GENERATED = {200: GeneratedSerializer, 201: GeneratedSerializer, 202: JobSerializer}


class JobFailed(Refusal):
    """The job behind a request failed; `reason` is its error code."""

    code = "job_failed"


class LegacyQuery(StrictSerializer):
    """Query of the old way to order."""

    vendor = serializers.CharField(max_length=32, help_text="code of a scheme, such as visa")
    count = PlainNumberField(
        min_value=1,
        max_value=MAX_INLINE,
        default=1,
        help_text="number of cards, 1 to 1,000",
        error_messages=BEYOND_INLINE,
    )


class GenerateView(Metered):
    """Cards issued on the spot."""

    @extend_schema(
        operation_id="cards_generate",
        parameters=_ORDER_HEADERS,
        request=SmallOrderSerializer,
        responses=_GENERATED,
    )
    def post(self, request: Request) -> Response:
        """Issue 1 to 1,000 cards and return them. 202 if the job needs another moment."""
        return _generate(request, _Asking(body=request.data, form=SmallOrderSerializer))

    @extend_schema(
        operation_id="cards_generate_legacy",
        deprecated=True,
        parameters=[
            LegacyQuery,
            *_ORDER_HEADERS,
        ],
        responses=_GENERATED,
    )
    def get(self, request: Request) -> Response:
        """Issue cards; kept for old clients: prefer POST, since this GET has an effect.

        An API key is needed: with a session, a link on any page could issue cards.
        """
        if not settings.CARDGEN_GET_GENERATE:
            raise MethodNotAllowed("GET", detail=_GET_IS_OFF)
        if request.auth is None:
            raise PermissionDenied("This GET has an effect: send an API key, or use POST.")
        query = asked(request, LegacyQuery)
        data = {"scheme": query["vendor"], "count": query["count"]}
        return _generate(request, _Asking(body=data, form=SmallOrderSerializer, sent=query))

    @extend_schema(exclude=True)
    def head(self, request: Request) -> Response:
        """Refuse: a HEAD must not mint."""
        raise MethodNotAllowed("HEAD")


class GenerateFromIinView(Metered):
    """Cards of one registered IIN, minted on the spot."""

    @extend_schema(
        operation_id="cards_generate_from_bin",
        parameters=_ORDER_HEADERS,
        request=IinOrderSerializer,
        responses=_GENERATED,
    )
    def post(self, request: Request) -> Response:
        """Issue 1 to 1,000 cards of a registered IIN (the old name, BIN, is kept in the URL)."""
        return _generate(request, _Asking(body=request.data, form=IinOrderSerializer))


class GenerateAsyncView(Metered):
    """Jobs of any size."""

    @extend_schema(
        operation_id="cards_generate_async",
        parameters=_ORDER_HEADERS,
        request=JobOrderSerializer,
        responses={200: JobSerializer, 202: JobSerializer},
    )
    def post(self, request: Request) -> Response:
        """Accept a job of 1 to 100,000,000 cards; `Location` is its status."""
        asking = _Asking(body=request.data, form=JobOrderSerializer)
        return _ordered(request, asking, make=_submit, again=_submitted)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """The body of an order as it was sent, and the form that it is read by.

    `sent` is the query that the body was made of: errors point at its names.
    """

    body: Any
    form: type[OptionsSerializer]
    sent: Mapping[str, Any] = field(default_factory=dict)

    def serializer(self, user: User) -> OptionsSerializer:
        """Fill it in from the profile that it names, if it may name one; not yet checked."""
        fills = issubclass(self.form, JobOrderSerializer)
        return self.form(data=filled(self.body, user=user) if fills else self.body)


def _generate(request: Request, asking: _Asking) -> Response:
    return _ordered(request, asking, make=_mint, again=_again)


def _mint(order: Order, origin: Origin) -> Response:
    job, blocks = at_once.generate(order=order, origin=origin)
    if job.status == Status.FAILED:
        raise JobFailed(job.error, job=str(job.id), reason=job.error_code)
    return generated(job, blocks) if job.status == Status.SUCCEEDED else accepted(job)


def _submit(order: Order, origin: Origin) -> Response:
    return accepted(accepting.submit(order=order, origin=origin, ring=bell.ring_all))


def _submitted(job: Job) -> Response:
    return accepted(job, code=status.HTTP_200_OK)


def _ordered(
    request: Request,
    asking: _Asking,
    *,
    make: Callable[[Order, Origin], Response],
    again: Callable[[Job], Response],
) -> Response:
    """Make the job, or answer again for the one that the same request made before.

    The key is looked up before the body is checked: its deadline may have passed meanwhile, or its
    profile may be another now.
    """
    origin = _origin(request, body=asking.body)
    earlier = idempotency.earlier(origin)
    if earlier is not None:
        return again(earlier)
    serializer = _filled_in(asking, origin=origin)
    order = require_valid(serializer, origin=origin)
    try:
        return _made(order, origin, make=make, again=again)
    except Refusal as refusal:
        add_errors(refusal, order, origin=origin, body=asking.sent or serializer.initial_data)
        raise


def _filled_in(asking: _Asking, *, origin: Origin) -> OptionsSerializer:
    """Fill the order in from its profile.

    :raises Refusal: if there is no such profile; with all else that is wrong
    """
    try:
        return asking.serializer(origin.owner)
    except (UnknownProfile, AmbiguousProfile) as refusal:
        rest = asking.form(data=without_profile(asking.body), partial=True)
        refuse_profile(refusal, rest, origin=origin)


def _made(
    order: Order,
    origin: Origin,
    *,
    make: Callable[[Order, Origin], Response],
    again: Callable[[Job], Response],
) -> Response:
    try:
        return make(order, origin)
    except (IntegrityError, QuotaExceeded) as error:
        return again(_faster(error, origin))


def _again(job: Job) -> Response:
    """Answer a request whose job is there already, as the first one was or would be answered."""
    if job.status == Status.FAILED:
        raise JobFailed(job.error, job=str(job.id), reason=job.error_code)
    if job.status == Status.CANCELLED:
        raise idempotency.JobCancelled(
            "The job of this Idempotency-Key was cancelled: use a new key for a new order.",
            job=str(job.id),
        )
    if job.status == Status.RUNNING:
        raise idempotency.InFlight(
            f"The first request with this Idempotency-Key is still being answered: job {job.id} is"
            f" {job.status}. Send it again in a moment.",
            job=str(job.id),
        )
    if job.status != Status.SUCCEEDED:
        return accepted(job)
    results.require_cards(job)
    return generated(job, results.blocks(job), code=status.HTTP_200_OK)


def _origin(request: Request, *, body: Any) -> Origin:
    route = request.resolver_match.url_name if request.resolver_match else ""
    key = request.headers.get("Idempotency-Key")
    return idempotency.keyed(origin_of(request), key=key, route=route or "", body=body)


def _faster(error: IntegrityError | QuotaExceeded, origin: Origin) -> Job:
    """Find the job of a request with the same key that committed while this one was on its way.

    It may have used up the quota.
    """
    expected = isinstance(error, QuotaExceeded) or idempotency.is_ours(error)
    job = idempotency.earlier(origin) if expected else None
    if job is None:
        raise error
    return job
