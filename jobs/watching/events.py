"""A job's figures as a stream of server-sent events."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException, Throttled
from rest_framework.request import Request
from rest_framework.views import APIView

from jobs.models import FINAL
from jobs.watching import queries
from jobs.watching.ownership import visible
from realtime import sse
from realtime.groups import job_group
from toolkit.database import AWAY
from toolkit.rechecking import Recheck
from toolkit.seats import Seat, Seats
from toolkit.streams import give_back, giving_back
from toolkit.views import FormInQuery, caller

MOST_STREAMS = 200
MOST_OF_USER = 100
places = Seats("event-streams", MOST_STREAMS, of_one=MOST_OF_USER)
_RETRY_SECONDS = 5


class EventsQuery(serializers.Serializer[Any]):
    """Where a stream goes on from: the `id` of the last event that arrived."""

    last_event_id = serializers.IntegerField(min_value=0, required=False)


class JobEventsView(APIView):
    """The figures of one job as they change."""

    content_negotiation_class = FormInQuery

    @extend_schema(
        operation_id="job_events",
        parameters=[
            OpenApiParameter(
                "Last-Event-ID", int, OpenApiParameter.HEADER, description="version you have"
            )
        ],
        responses={
            (200, "text/event-stream"): OpenApiResponse(
                OpenApiTypes.STR, description="`id`: version, `event`: job, `data`: the figures"
            ),
            204: OpenApiResponse(description="you have the final version: do not come back"),
        },
    )
    def get(self, request: Request, job_id: UUID) -> HttpResponseBase:
        """Send the job's figures now and whenever they change, until its state is final."""
        seen = _seen(request)
        job = visible(request.user, job_id)
        if job.status in FINAL and job.version == seen:
            return HttpResponse(status=204)
        user = caller(request)
        place = places.take(user.pk)
        if place is None:
            raise Throttled(wait=_RETRY_SECONDS)
        watch = Watch(recheck=Recheck(request), user=user, job_id=job_id)
        give_back()
        return StreamingHttpResponse(
            _stream(watch, place, seen=seen),
            content_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )


class Watch:
    """Reads one job for one caller, who is asked now and then whether they still may."""

    def __init__(self, *, recheck: Recheck, user: User, job_id: UUID) -> None:
        self.job_id = job_id
        self._recheck, self._user = recheck, user

    def read(self) -> sse.Figures | None:
        """Return the figures, None if the caller may not see them or the database is away."""
        try:
            self._user = self._recheck.due() or self._user
            return queries.snapshot(self._user, self.job_id)
        except (APIException, *AWAY):
            return None


async def _stream(watch: Watch, place: Seat, *, seen: int | None) -> AsyncIterator[bytes]:
    read = sync_to_async(giving_back(watch.read), thread_sensitive=True)
    group = job_group(watch.job_id)
    events = sse.events(group=group, read=read, is_final=_is_final, seen=seen)
    with place:
        async with aclosing(events):
            async for event in events:
                yield event


def _is_final(figures: sse.Figures) -> bool:
    return figures["status"] in FINAL


def _seen(request: Request) -> int | None:
    header = request.headers.get("Last-Event-ID", "")
    query = EventsQuery(data={"last_event_id": header} if header else {})
    query.is_valid(raise_exception=True)
    seen: int | None = query.validated_data.get("last_event_id")
    return seen
