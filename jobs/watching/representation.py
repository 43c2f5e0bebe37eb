"""Jobs as the API shows them; the serializers here only describe the shapes to OpenAPI."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.urls import reverse
from rest_framework import serializers

from jobs.models import Job, Priority, Status
from jobs.watching.pace import figures
from jobs.watching.troubles import Retries, retries_of

POLL_SECONDS = 1


class FiguresSerializer(serializers.Serializer[Any]):
    """How far a job is."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Status.choices)
    requested = serializers.IntegerField()
    produced = serializers.IntegerField()
    version = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True, help_text="cards per second")
    eta_seconds = serializers.FloatField(allow_null=True)


class JobErrorSerializer(serializers.Serializer[Any]):
    """Why a job failed."""

    code = serializers.CharField()
    detail = serializers.CharField()


class RetriesSerializer(serializers.Serializer[Any]):
    """What failed and is not mended yet."""

    attempts = serializers.IntegerField(help_text="of the part that was tried most often")
    max_attempts = serializers.IntegerField(help_text="after so many the job fails")
    last_error = serializers.CharField()
    next_attempt_at = serializers.DateTimeField(
        allow_null=True, help_text="null while it is under way, or the job rests"
    )


class JobItemSerializer(serializers.Serializer[Any]):
    """One line of a job."""

    scheme = serializers.CharField()
    range = serializers.CharField()
    tier = serializers.CharField()
    count = serializers.IntegerField()


class JobSerializer(FiguresSerializer):
    """A job."""

    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes fields off the class
    team = serializers.CharField(allow_null=True, help_text="whose members share the job")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    error = JobErrorSerializer(allow_null=True)
    retries = RetriesSerializer(
        allow_null=True, help_text="null unless a part failed and will be tried again"
    )
    priority = serializers.ChoiceField(choices=Priority.choices)
    deadline = serializers.DateTimeField(
        allow_null=True, help_text="it fails if it is not finished by then"
    )
    items = JobItemSerializer(many=True)
    links = serializers.DictField(child=serializers.CharField())


class JobListSerializer(serializers.Serializer[Any]):
    """A page of jobs."""

    results = JobSerializer(many=True)
    next = serializers.URLField(allow_null=True)


def figures_dict(job: Job) -> dict[str, Any]:
    """The fields of `FiguresSerializer`."""
    now = figures(job)
    names = ("id", "status", "requested", "produced", "version", "rate", "eta_seconds")
    return {name: getattr(now, name) for name in names}


def job_dict(job: Job) -> dict[str, Any]:
    """The fields of `JobSerializer`, in their fixed order."""
    return job_dicts([job])[0]


def job_dicts(jobs: Sequence[Job]) -> list[dict[str, Any]]:
    """The same of many, with no more queries than of one."""
    retries = retries_of(jobs)
    return [_job_dict(job, retries=retries.get(job.id)) for job in jobs]


def _job_dict(job: Job, *, retries: Retries | None) -> dict[str, Any]:
    return figures_dict(job) | {
        "label": job.label,
        "team": job.team.name if job.team else None,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "error": {"code": job.error_code, "detail": job.error} if job.error_code else None,
        "retries": asdict(retries) if retries else None,
        "priority": job.priority,
        "deadline": job.deadline,
        "items": [_item_dict(item) for item in job.items.all()],
        "links": links(job),
    }


def links(job: Job) -> dict[str, str]:
    """Where to go on from this job."""
    return {
        "self": reverse("job", args=[job.id]),
        "status": reverse("job-status", args=[job.id]),
        "result": reverse("job-result", args=[job.id]),
    }


def _item_dict(item: Any) -> dict[str, Any]:
    issuer_range = item.issuer_range
    return {
        "scheme": issuer_range.scheme,
        "range": issuer_range.name,
        "tier": issuer_range.tier,
        "count": item.count,
    }
