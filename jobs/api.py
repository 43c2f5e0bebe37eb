"""Jobs over HTTP: parse, one service call, translate the answer."""

import re
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import MethodNotAllowed, NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.errors import Refusal
from jobs import export, idempotency, queries, services, tasks
from jobs.models import Job, Status
from jobs.quota_http import QUOTA_HEADERS, Metered, key_id
from jobs.quotas import QuotaExceeded
from jobs.ranges_http import names
from jobs.representation import (
    FiguresSerializer,
    GeneratedSerializer,
    JobListSerializer,
    JobSerializer,
    figures_dict,
    job_dict,
    job_dicts,
    links,
)
from jobs.serializers import (
    IinOrderSerializer,
    OptionsSerializer,
    OrderSerializer,
    SmallOrderSerializer,
)
from jobs.waiting import WaitQuery

_POLL_SECONDS = 1


class JobFailed(Refusal):
    """The job behind a request failed; `reason` is its error code."""

    code = "job_failed"


class GenerateView(Metered):
    """Cards minted on the spot."""

    required_scope = "mint"

    @extend_schema(
        operation_id="cards_generate",
        parameters=QUOTA_HEADERS,
        request=SmallOrderSerializer,
        responses={201: GeneratedSerializer, 202: JobSerializer},
    )
    def post(self, request: Request) -> Response:
        """Mint 1 to 1,000 cards and return them. 202 if the job needs another moment."""
        return _generate(request, SmallOrderSerializer(data=request.data))

    @extend_schema(
        operation_id="cards_generate_legacy",
        deprecated=True,
        parameters=[
            OpenApiParameter("vendor", str, required=True, description="scheme code"),
            OpenApiParameter("count", int, description="1 to 1,000; 1 if absent"),
            *QUOTA_HEADERS,
        ],
        responses={201: GeneratedSerializer, 202: JobSerializer},
    )
    def get(self, request: Request) -> Response:
        """Mint cards; kept for old clients: prefer POST, since this GET has an effect.

        An API key is needed: with a session, a link on any page could mint.
        """
        if request.auth is None:
            raise PermissionDenied("This GET has an effect: send an API key, or use POST.")
        query = request.query_params
        count = query.get("count", "1")
        data = {"scheme": query.get("vendor", ""), "count": int(count) if _number(count) else count}
        unknown = {name: value for name, value in query.items() if name not in {"vendor", "count"}}
        return _generate(request, SmallOrderSerializer(data=data | unknown))

    @extend_schema(exclude=True)
    def head(self, request: Request) -> Response:
        """Refuse: a HEAD must not mint."""
        raise MethodNotAllowed("HEAD")


class GenerateFromIinView(Metered):
    """Cards of one registered IIN, minted on the spot."""

    @extend_schema(
        operation_id="cards_generate_from_bin",
        parameters=QUOTA_HEADERS,
        request=IinOrderSerializer,
        responses={201: GeneratedSerializer, 202: JobSerializer},
    )
    def post(self, request: Request) -> Response:
        """Mint 1 to 1,000 cards of a registered IIN (the old name, BIN, is kept in the URL)."""
        return _generate(request, IinOrderSerializer(data=request.data))


class GenerateAsyncView(Metered):
    """Jobs of any size."""

    @extend_schema(
        operation_id="cards_generate_async",
        parameters=QUOTA_HEADERS,
        request=OrderSerializer,
        responses={202: JobSerializer},
    )
    def post(self, request: Request) -> Response:
        """Accept a job of 1 to 100,000,000 cards; `Location` is its status."""
        serializer = OrderSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        made_by = _request_columns(request)
        earlier = idempotency.earlier(made_by, owner=caller(request))
        if earlier is not None:
            return _accepted(earlier, code=status.HTTP_200_OK)
        try:
            job = services.submit(
                order=serializer.order(),
                owner=caller(request),
                ring=tasks.ring_all,
                api_key_id=key_id(request),
                **made_by,
            )
        except (IntegrityError, QuotaExceeded) as error:
            return _accepted(_faster(error, request, made_by), code=status.HTTP_200_OK)
        return _accepted(job)


class JobListView(APIView):
    """The caller's jobs."""

    @extend_schema(
        operation_id="jobs_list",
        parameters=[
            OpenApiParameter("status", str, enum=Status.values),
            OpenApiParameter("limit", int, description="1 to 100; 50 if absent"),
            OpenApiParameter("after", str, description="from `next`"),
        ],
        responses=JobListSerializer,
    )
    def get(self, request: Request) -> Response:
        """List jobs, newest first."""
        query = JobQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        jobs = queries.visible_to(request.user)
        if wanted["status"]:
            jobs = jobs.filter(status=wanted["status"])
        rows, after = queries.page(jobs, after=wanted["after"], limit=wanted["limit"])
        return Response({"results": job_dicts(rows), "next": next_url(request, after)})


class JobView(APIView):
    """One job."""

    @extend_schema(operation_id="job", responses=JobSerializer)
    def get(self, request: Request, job_id: UUID) -> Response:
        """Show a job."""
        return Response(job_dict(find(request, job_id)))


class JobStatusView(APIView):
    """The figures of one job."""

    @extend_schema(
        operation_id="job_status",
        parameters=[
            OpenApiParameter(
                "wait", int, description="seconds to wait for another version, 1 to 60"
            ),
            OpenApiParameter(
                "If-None-Match", str, OpenApiParameter.HEADER, description="`ETag` you have"
            ),
        ],
        responses={200: FiguresSerializer, 304: None},
    )
    def get(self, request: Request, job_id: UUID) -> Response:
        """Show how far a job is; 304 while its version is the one named in `If-None-Match`.

        The route waits if asked to (jobs.waiting).
        """
        WaitQuery(data=request.query_params).is_valid(raise_exception=True)
        job = find(request, job_id)
        etag = f'"{job.version}"'
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if job.finished_at is None:
            headers["Retry-After"] = str(_POLL_SECONDS)
        if names(request.headers.get("If-None-Match", ""), etag):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers=headers)
        return Response(figures_dict(job), headers=headers)


class JobQuery(serializers.Serializer[Any]):
    """Query of the job list."""

    status = serializers.ChoiceField(choices=Status.choices, default="")
    limit = serializers.IntegerField(min_value=1, max_value=100, default=50)
    after = serializers.CharField(default="")


def caller(request: Request) -> User:
    """The signed-in user; the permission class let nobody else through."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def find(request: Request, job_id: UUID) -> Job:
    """Return the job if the caller may see it, else 404: other people's jobs do not exist here."""
    job: Job = get_object_or_404(queries.visible_to(request.user), id=job_id)
    return job


def next_url(request: Request, after: str) -> str | None:
    """The same request from the cursor on, None at the end."""
    if not after:
        return None
    query = request.query_params.copy()
    query["after"] = after
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def generated(job: Job, *, code: int = status.HTTP_201_CREATED) -> Response:
    """Answer with the cards of a small finished job."""
    fields = export.fields_of(job)
    cards = [
        card for block in export.blocks(job) for card in export.card_dicts(block, fields=fields)
    ]
    headers = {"Location": reverse("job", args=[job.id]), "Cache-Control": "no-store"}
    return Response({"job": job.id, "cards": cards}, status=code, headers=headers)


def _generate(request: Request, serializer: OptionsSerializer) -> Response:
    serializer.is_valid(raise_exception=True)
    made_by = _request_columns(request)
    earlier = idempotency.earlier(made_by, owner=caller(request))
    if earlier is not None:
        return _again(earlier)
    try:
        job = services.generate(
            order=serializer.order(),
            owner=caller(request),
            api_key_id=key_id(request),
            **made_by,
        )
    except (IntegrityError, QuotaExceeded) as error:
        return _again(_faster(error, request, made_by))
    if job.status == Status.FAILED:
        raise JobFailed(job.error, job=str(job.id), reason=job.error_code)
    if job.status != Status.SUCCEEDED:
        return _accepted(job)
    return generated(job)


def _again(job: Job) -> Response:
    """Answer a request whose job is there already: with its cards, or that they are being made."""
    if job.status == Status.FAILED:
        raise JobFailed(job.error, job=str(job.id), reason=job.error_code)
    if job.status != Status.SUCCEEDED:
        raise idempotency.InFlight(
            f"The first request with this Idempotency-Key is still being answered: job {job.id} is"
            f" {job.status}. Send it again in a moment.",
            job=str(job.id),
        )
    return generated(job, code=status.HTTP_200_OK)


def _request_columns(request: Request) -> dict[str, Any]:
    route = request.resolver_match.url_name if request.resolver_match else ""
    key = request.headers.get("Idempotency-Key")
    return idempotency.columns(key=key, route=route or "", body=request.data)


def _faster(
    error: IntegrityError | QuotaExceeded, request: Request, made_by: dict[str, Any]
) -> Job:
    """Find the job of a request with the same key that committed while this one was on its way.

    It may have used up the quota.
    """
    expected = isinstance(error, QuotaExceeded) or idempotency.is_ours(error)
    job = idempotency.earlier(made_by, owner=caller(request)) if expected else None
    if job is None:
        raise error
    return job


def _accepted(job: Job, *, code: int = status.HTTP_202_ACCEPTED) -> Response:
    headers = {"Location": links(job)["status"], "Retry-After": str(_POLL_SECONDS)}
    return Response(job_dict(job), status=code, headers=headers)


def _number(text: str) -> bool:
    return re.fullmatch("-?[0-9]{1,18}", text) is not None
