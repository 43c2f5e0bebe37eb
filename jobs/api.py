"""Jobs over HTTP: what there is and how far it is."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs import export, queries
from jobs.models import Job, Status
from jobs.ranges_http import names
from jobs.representation import (
    FiguresSerializer,
    JobListSerializer,
    JobSerializer,
    figures_dict,
    job_dict,
    job_dicts,
    links,
)
from jobs.waiting import WaitQuery

_POLL_SECONDS = 1


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


def accepted(job: Job, *, code: int = status.HTTP_202_ACCEPTED) -> Response:
    """Answer with a job and where to ask how far it is."""
    headers = {"Location": links(job)["status"], "Retry-After": str(_POLL_SECONDS)}
    return Response(job_dict(job), status=code, headers=headers)
