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
from realtime.sources import read_as, watching
from realtime.watchers import Figures
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
        self.job_id, self.user = job_id, user
        self._recheck = recheck
        self._due = sync_to_async(giving_back(recheck.due), thread_sensitive=True)
        self._snapshot = sync_to_async(giving_back(queries.snapshot), thread_sensitive=True)

    async def read(self, _changed: set[str]) -> list[Figures] | None:
        """Return the figures, None if the caller may not see them."""
        found = await self._snapshot(self.user, self.job_id)
        return None if found is None else [found]

    async def may(self) -> bool:
        """Tell whether the caller may still watch."""
        if not self._recheck.is_due:
            return True
        try:
            self.user = await self._due() or self.user
        except (APIException, *AWAY):
            return False
        read_as(groups=(job_group(self.job_id),), viewer=self.user.pk, read=self.read)
        return True


async def _stream(watch: Watch, place: Seat, *, seen: int | None) -> AsyncIterator[bytes]:
    groups, viewer = (job_group(watch.job_id),), watch.user.pk
    with place:
        async with watching(groups=groups, viewer=viewer, read=watch.read, patient=True) as watcher:
            events = sse.events(watcher=watcher, is_final=_is_final, seen=seen, may=watch.may)
            async with aclosing(events):
                async for event in events:
                    yield event


def _is_final(figures: Figures) -> bool:
    return figures["status"] in FINAL


def _seen(request: Request) -> int | None:
    header = request.headers.get("Last-Event-ID", "")
    query = EventsQuery(data={"last_event_id": header} if header else {})
    query.is_valid(raise_exception=True)
    seen: int | None = query.validated_data.get("last_event_id")
    return seen
