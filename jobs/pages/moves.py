"""What the buttons do, one job at a time or many."""

from collections.abc import Callable, Mapping

from django.http import HttpRequest

from jobs import control
from jobs.models import Job
from jobs.work import bell
from toolkit.actor import actor_of

Move = Callable[[Job, HttpRequest], Job]
MOVES: Mapping[str, Move] = {
    "cancel": lambda job, request: control.cancel(job, actor=actor_of(request)),
    "pause": lambda job, request: control.pause(job, actor=actor_of(request)),
    "resume": lambda job, request: control.resume(job, ring=bell.ring_all, actor=actor_of(request)),
    "retry": lambda job, request: control.retry(job, ring=bell.ring_all, actor=actor_of(request)),
}
"""By the action of a button (`buttons.BUTTONS`); each raises `Refusal` where it comes too late."""
