"""Jobs over HTTP: what there is and how far it is."""

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs.models import LONGEST_NAME, Status
from jobs.watching import queries
from jobs.watching.names import wrong_team
from jobs.watching.ownership import visible, visible_to
from jobs.watching.representation import (
    POLL_SECONDS,
    FiguresSerializer,
    JobListSerializer,
    JobSerializer,
    figures_dict,
    job_dict,
    job_dicts,
)
from jobs.watching.waiting import WaitQuery
from toolkit.conditions import names
from toolkit.requests import ChoiceField, PlainNumberField, StrictSerializer, refuse_wrong
from toolkit.views import asked, caller, next_url


class JobQuery(StrictSerializer):
    """Query of the job list."""

    status = ChoiceField(choices=Status.choices, default="", help_text="only jobs in this state")
    team = serializers.CharField(
        max_length=LONGEST_NAME, default="", help_text="name of a team: only its jobs"
    )
    limit = PlainNumberField(
        min_value=1, max_value=100, default=50, help_text="jobs in a page, 1 to 100"
    )
    after = serializers.CharField(
        max_length=64, default="", help_text="from `next` of the page before"
    )


class JobListView(APIView):
    """The caller's jobs, and those of their teams."""

    @extend_schema(
        operation_id="jobs_list",
        parameters=[JobQuery],
        responses=JobListSerializer,
    )
    def get(self, request: Request) -> Response:
        """List jobs, newest first."""
        wanted = asked(request, JobQuery)
        jobs = visible_to(request.user)
        if wanted["status"]:
            jobs = jobs.filter(status=wanted["status"])
        if wanted["team"]:
            refuse_wrong({"team": wrong_team(wanted["team"], user=caller(request))})
            jobs = jobs.filter(team__name=wanted["team"])
        rows, after = queries.page(jobs, after=wanted["after"], limit=wanted["limit"])
        return Response({"results": job_dicts(rows), "next": next_url(request, after)})


class JobView(APIView):
    """One job."""

    @extend_schema(operation_id="job", responses=JobSerializer)
    def get(self, request: Request, job_id: UUID) -> Response:
        """Show a job."""
        return Response(job_dict(visible(request.user, job_id)))


class JobStatusView(APIView):
    """The figures of one job."""

    @extend_schema(
        operation_id="job_status",
        parameters=[
            WaitQuery,
            OpenApiParameter(
                "If-None-Match", str, OpenApiParameter.HEADER, description="`ETag` you have"
            ),
        ],
        responses={200: FiguresSerializer, 304: None},
    )
    def get(self, request: Request, job_id: UUID) -> Response:
        """Show how far a job is; 304 while its version is the one named in `If-None-Match`."""
        # Checked here, waited for around this view (jobs.watching.waiting).
        asked(request, WaitQuery)
        job = visible(request.user, job_id)
        etag = f'"{job.version}"'
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if job.finished_at is None:
            headers["Retry-After"] = str(POLL_SECONDS)
        if names(request.headers.get("If-None-Match", ""), etag):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers=headers)
        return Response(figures_dict(job), headers=headers)
