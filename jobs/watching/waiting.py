"""`?wait=30`: hold a status back until it changes, without holding anything else."""

import time
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponseBase

from realtime.groups import job_group
from realtime.listening import Ear, listening
from toolkit.requests import PlainNumberField, StrictSerializer
from toolkit.seats import Seats
from toolkit.streams import giving_back
from toolkit.turns import give_up_turn

MOST_SECONDS = 60
REREAD_SECONDS = 5.0
MOST_WAITERS = 200
MOST_OF_USER = 100
places = Seats("waiters", MOST_WAITERS, of_one=MOST_OF_USER)
"""One more gets its answer at once, as if it had not asked to wait."""

View = Callable[..., HttpResponseBase]
AsyncView = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


class WaitQuery(StrictSerializer):
    """Query of a status; `seconds` is 0 for who does not wait."""

    wait = PlainNumberField(
        min_value=1,
        max_value=MOST_SECONDS,
        required=False,
        help_text="seconds to wait for another version, 1 to 60; absent: none",
    )

    @classmethod
    def seconds(cls, request: HttpRequest) -> int:
        """Read the query of a request that the view has let through."""
        query = cls(data=request.GET.dict())
        return int(query.validated_data.get("wait", 0)) if query.is_valid() else 0


def long_poll(view: View) -> AsyncView:
    """Wrap a view of a job, whose answers have an `ETag`, and `Retry-After` while it may change.

    The view itself decides who may see what and whether `wait` is right; it is asked again on every
    message about the job and every five seconds. In between there is no database connection.
    """
    ask = sync_to_async(giving_back(view), thread_sensitive=True)

    @wraps(view)
    async def answer(request: HttpRequest, job_id: UUID, **kwargs: Any) -> HttpResponseBase:
        response = await ask(request, job_id=job_id, **kwargs)
        seconds = WaitQuery.seconds(request)
        if not seconds or not _may_change(request, response):
            return response
        place = places.take(request.user.pk or 0)  # the view has found out who asks
        if place is None:
            return response
        give_up_turn()
        known, until = response["ETag"], time.monotonic() + seconds
        with place:
            async with listening(Ear(job_group(job_id))) as ear:
                while (
                    response.get("ETag") == known
                    and (left := until - time.monotonic()) > 0
                    and not ear.ending
                ):
                    await ear.news(within=min(left, REREAD_SECONDS))
                    response = await ask(request, job_id=job_id, **kwargs)
        return response

    return answer


def _may_change(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Tell whether this answer is worth waiting for another: it is old news, and not the last."""
    news = response.status_code == 200 and "If-None-Match" in request.headers
    return response.status_code in {200, 304} and not news and "Retry-After" in response
