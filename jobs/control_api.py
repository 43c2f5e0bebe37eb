"""Control jobs over HTTP."""

from typing import Any
from uuid import UUID

from django.db import connection
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs import control, tasks
from jobs.api import caller, find
from jobs.models import Queue
from jobs.quota_http import QUOTA_HEADERS, Metered, key_id
from jobs.representation import JobSerializer, job_dict
from jobs.serializers import month_number
from uniqueness.registry_api import RegistryView
from uniqueness.requests import StrictSerializer

_QUEUE = """
    SELECT count(*) FILTER (WHERE c.state = 'waiting'),
        count(*) FILTER (WHERE c.state = 'running'),
        extract(epoch FROM clock_timestamp() - min(greatest(j.created_at, c.not_before))
            FILTER (WHERE c.state = 'waiting' AND c.not_before <= clock_timestamp()))::float8
    FROM jobs_chunk c JOIN jobs_job j ON j.id = c.job_id
    WHERE c.state IN ('waiting', 'running') AND j.status IN ('queued', 'running')
"""
_WORKERS = """
    SELECT count(*) FROM jobs_worker WHERE seen_at > clock_timestamp() - interval '30 seconds'
"""


class ControlView(APIView):
    """One thing to do to a job."""

    def act(self, request: Request, job_id: UUID) -> Response:
        """Do it and show the job."""
        raise NotImplementedError

    @extend_schema(request=None, responses=JobSerializer)
    def post(self, request: Request, job_id: UUID) -> Response:
        """Do it and show the job; 409 if the job is not in a state in which it can be done."""
        return self.act(request, job_id)


class CancelView(ControlView):
    """Cancel."""

    def act(self, request: Request, job_id: UUID) -> Response:
        """Stop the job; what was minted stays."""
        return Response(job_dict(control.cancel(find(request, job_id))))


class PauseView(ControlView):
    """Pause."""

    def act(self, request: Request, job_id: UUID) -> Response:
        """Hand out no more of the job's chunks."""
        return Response(job_dict(control.pause(find(request, job_id))))


class ResumeView(ControlView):
    """Resume."""

    def act(self, request: Request, job_id: UUID) -> Response:
        """Let a paused job go on."""
        return Response(job_dict(control.resume(find(request, job_id), ring=tasks.ring_all)))


@extend_schema_view(post=extend_schema(parameters=QUOTA_HEADERS))
class RetryView(Metered, ControlView):
    """Retry."""

    def act(self, request: Request, job_id: UUID) -> Response:
        """Mint what a failed job is short of."""
        return Response(job_dict(control.retry(find(request, job_id), ring=tasks.ring_all)))


@extend_schema_view(post=extend_schema(parameters=QUOTA_HEADERS))
class CloneView(Metered, ControlView):
    """Clone."""

    def act(self, request: Request, job_id: UUID) -> Response:
        """Order the same again."""
        job = control.clone(
            find(request, job_id),
            owner=caller(request),
            ring=tasks.ring_all,
            month=month_number(timezone.now().date()),
            api_key_id=key_id(request),
        )
        return Response(
            job_dict(job), status=201, headers={"Location": reverse("job", args=[job.id])}
        )


class QueueSwitchSerializer(StrictSerializer):
    """Whether to pause, and why."""

    paused = serializers.BooleanField()
    reason = serializers.CharField(max_length=500)


class QueueSerializer(serializers.Serializer[Any]):
    """The whole queue."""

    paused = serializers.BooleanField()
    reason = serializers.CharField()
    waiting_chunks = serializers.IntegerField()
    running_chunks = serializers.IntegerField()
    oldest_waiting_seconds = serializers.FloatField(allow_null=True)
    workers = serializers.IntegerField(help_text="processes that asked for work in 30 seconds")


class QueueView(RegistryView):
    """The whole queue."""

    @extend_schema(operation_id="queue", responses=QueueSerializer)
    def get(self, request: Request) -> Response:
        """Show what waits, and whether anybody works."""
        return Response(_queue_dict())

    @extend_schema(
        operation_id="queue_switch", request=QueueSwitchSerializer, responses=QueueSerializer
    )
    def patch(self, request: Request) -> Response:
        """Pause the whole queue, or go on; chunks in hand are finished."""
        asked = QueueSwitchSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        control.set_queue(
            **asked.validated_data, actor=request.user.get_username(), ring=tasks.ring_all
        )
        return Response(_queue_dict())


def _queue_dict() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE)
        waiting, running, oldest = cursor.fetchone()
        cursor.execute(_WORKERS)
        workers = cursor.fetchone()[0]
    queue = Queue.objects.first() or Queue()
    return {
        "paused": queue.paused,
        "reason": queue.reason,
        "waiting_chunks": waiting,
        "running_chunks": running,
        "oldest_waiting_seconds": oldest,
        "workers": workers,
    }
