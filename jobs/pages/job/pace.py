"""A job's cards per second as a line with its table."""

from typing import Any

from django.utils import timezone

from jobs import watching
from jobs.models import Job
from jobs.watching import Stretch

_WIDTH, _HEIGHT, _MARGIN = 600, 120, 4


def pace_of(job: Job) -> dict[str, Any]:
    """The line and its rows; nothing before there are two of them."""
    stretches = watching.history(job, now=timezone.now())
    if not stretches:
        return {}
    timed = sum(stretch.cards for stretch in stretches)
    return {
        "stretches": stretches,
        "most": max(stretch.rate for stretch in stretches),
        "points": _points(stretches),
        # More may have come in since the job was read.
        "untimed": max(0, job.produced - timed),
    }


def _points(stretches: list[Stretch]) -> str:
    """Points of an SVG polyline: time goes right, from edge to edge, and rates go up."""
    most = max(1.0, *(stretch.rate for stretch in stretches))
    step = _WIDTH / (len(stretches) - 1)
    room = _HEIGHT - 2 * _MARGIN
    return " ".join(
        f"{place * step:.1f},{_HEIGHT - _MARGIN - stretch.rate / most * room:.1f}"
        for place, stretch in enumerate(stretches)
    )
