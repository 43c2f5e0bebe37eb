"""A job as one line of a list: its title, its figures, who ordered it."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth.models import User

from generation.schemes import name_of
from jobs.models import FINAL, Item, Job
from jobs.watching import figures


def lines(jobs: Sequence[Job]) -> list[dict[str, Any]]:
    """Describe jobs whose items were fetched. One query, for the names of API keys."""
    keys = key_names(job.api_key_id for job in jobs)
    return [_line(job, key=keys.get(job.api_key_id or 0, "")) for job in jobs]


def line(job: Job) -> dict[str, Any]:
    """Describe one job."""
    return lines([job])[0]


def key_names(ids: Iterable[int | None]) -> dict[int, str]:
    """Find names of API keys. They belong to the layer above: their owners lead to them."""
    wanted = {key for key in ids if key}
    if not wanted:
        return {}
    owners = User.objects.filter(api_keys__in=wanted)
    return dict(owners.values_list("api_keys__pk", "api_keys__name"))


def title(job: Job, *, key: str = "") -> str:
    """Name a job: its label, or what was ordered: `2 Visa · luhn · key ci-main`."""
    if job.label:
        return job.label
    items = [_words(item) for item in job.items.all()]
    shown = items[:3] + ([f"{len(items) - 3} more"] if len(items) > 3 else [])
    parts = (" + ".join(shown), job.defect, f"key {key}" if key else "")
    return " · ".join(filter(None, parts))


def _line(job: Job, *, key: str) -> dict[str, Any]:
    return {
        "job": job,
        "now": figures(job),
        "title": title(job, key=key),
        "key": key,
        "schemes": list(dict.fromkeys(item.issuer_range.scheme for item in job.items.all())),
        "final": job.status in FINAL,
    }


def _words(item: Item) -> str:
    return f"{item.count:,} {name_of(item.issuer_range.scheme)}"
