"""How large a file will be, from its first cards: who downloads wants to know before."""

from dataclasses import dataclass

from jobs.models import Job
from jobs.results.cards import Block, blocks, fields_of
from jobs.results.text_forms import TEXT_FORMS, Layout

_SAMPLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Bytes of a file; `exact` if all its cards were rendered to know it."""

    count: int
    exact: bool


def sizes(job: Job) -> dict[str, Size]:
    """Return the size of each text form of a finished job's file, by its name.

    :raises ResultChanged: if its cards are gone
    """
    sample = next(blocks(job, slots=_SAMPLE), None)
    if sample is None:
        return {}
    layout = Layout(fields=fields_of(job))
    return {name: _size(name, sample, layout, cards=job.produced) for name in TEXT_FORMS}


def _size(name: str, sample: Block, layout: Layout, *, cards: int) -> Size:
    count = sum(len(piece) for _, piece in TEXT_FORMS[name].render([sample], layout))
    return Size(count=count * cards // len(sample), exact=len(sample) == cards)
