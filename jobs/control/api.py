"""Control jobs over HTTP."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs import watching
from jobs.control import moves
from jobs.orders.error_answers import add_errors
from jobs.orders.headers import origin_of
from jobs.quotas.headers import QUOTA_HEADERS, Metered
from jobs.watching import controllable, visible
from jobs.watching.representation import JobSerializer, job_dict
from jobs.work import bell
from toolkit.actor import actor_of
from toolkit.refusals import Refusal
from toolkit.requests import StrictSerializer


class NothingSerializer(StrictSerializer):
    """The empty body of a request whose URL says it all."""


class ControlView(APIView):
    """One thing to do to a job."""

    def act(self, request: Request, job_id: UUID) -> Response:
        """Do it and show the job."""
        raise NotImplementedError

    @extend_schema(request=None, responses=JobSerializer)
    def post(self, request: Request, job_id: UUID) -> Response:
        """Do it and show the job; 409 if the job is not in a state in which it can be done."""
        NothingSerializer(data=request.data).is_valid(raise_exception=True)
        return self.act(request, job_id)


@extend_schema_view(post=extend_schema(operation_id="job_cancel"))
class CancelView(ControlView):
    """Cancel."""

    def act(self, request: Request, job_id: UUID) -> Response:
        """Stop the job; what was minted stays."""
        job = controllable(request.user, job_id)
        return Response(job_dict(moves.cancel(job, actor=actor_of(request))))


@extend_schema_view(post=extend_schema(operation_id="job_pause"))
class PauseView(ControlView):
    """Pause."""

    def act(self, request: Request, job_id: UUID) -> Response:
        """Hand out no more of the job's chunks."""
        job = controllable(request.user, job_id)
        return Response(job_dict(moves.pause(job, actor=actor_of(request))))


@extend_schema_view(post=extend_schema(operation_id="job_resume"))
class ResumeView(ControlView):
    """Resume."""

    def act(self, request: Request, job_id: UUID) -> Response:
        """Let a paused job go on."""
        job = controllable(request.user, job_id)
        return Response(job_dict(moves.resume(job, ring=bell.ring_all, actor=actor_of(request))))


@extend_schema_view(post=extend_schema(operation_id="job_retry", parameters=QUOTA_HEADERS))
class RetryView(Metered, ControlView):
    """Retry."""

    def act(self, request: Request, job_id: UUID) -> Response:
        """Mint what a failed job is short of."""
        job = controllable(request.user, job_id)
        return Response(job_dict(moves.retry(job, ring=bell.ring_all, actor=actor_of(request))))


@extend_schema_view(
    post=extend_schema(
        operation_id="job_clone", parameters=QUOTA_HEADERS, responses={201: JobSerializer}
    )
)
class CloneView(Metered, ControlView):
    """Clone."""

    def act(self, request: Request, job_id: UUID) -> Response:
        """Order the same again."""
        job, origin, now = visible(request.user, job_id), origin_of(request), timezone.now()
        try:
            twin = moves.clone(job, origin=origin, ring=bell.ring_all, now=now)
        except Refusal as refusal:
            order = moves.order_again(job, user=origin.owner, now=now)
            add_errors(refusal, order, origin=origin, body=None)
            raise
        return Response(
            job_dict(twin), status=201, headers={"Location": reverse("job", args=[twin.id])}
        )


class QueueSwitchSerializer(StrictSerializer):
    """Whether to pause, and why."""

    paused = serializers.BooleanField()
    reason = serializers.CharField(max_length=500)


class QueueSerializer(serializers.Serializer[Any]):
    """The whole queue."""

    paused = serializers.BooleanField()
    reason = serializers.CharField()
    changed_by = serializers.CharField(help_text="who paused it or let it go on last")
    waiting_chunks = serializers.IntegerField()
    running_chunks = serializers.IntegerField()
    oldest_waiting_seconds = serializers.FloatField(allow_null=True)
    workers = serializers.IntegerField(help_text="workers heard from in 30 seconds")
    reconcilers = serializers.IntegerField(help_text="the same of processes that find lost work")


class QueueView(APIView):
    """The whole queue."""

    @extend_schema(operation_id="queue", responses=QueueSerializer)
    def get(self, request: Request) -> Response:
        """Show what waits, and whether anybody works."""
        return Response(asdict(watching.look()))

    @extend_schema(
        operation_id="queue_switch", request=QueueSwitchSerializer, responses=QueueSerializer
    )
    def patch(self, request: Request) -> Response:
        """Pause the whole queue, or go on; chunks in hand are finished."""
        asked = QueueSwitchSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        moves.set_queue(**asked.validated_data, actor=actor_of(request), ring=bell.ring_all)
        return Response(asdict(watching.look()))
