"""What an order is answered with: the cards at once, or the job and where to ask."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from rest_framework import serializers, status
from rest_framework.response import Response

from jobs import results
from jobs.models import Job
from jobs.results import Block
from jobs.results.representation import CardSerializer
from jobs.watching.representation import POLL_SECONDS, job_dict, links


def generated(
    job: Job, blocks: Iterable[Block], *, code: int = status.HTTP_201_CREATED
) -> Response:
    """Answer with the cards of a small finished job."""
    fields = results.fields_of(job)
    cards = [card for block in blocks for card in results.card_dicts(block, fields=fields)]
    headers = {"Location": reverse("job", args=[job.id]), "Cache-Control": "no-store"}
    return Response({"job": job.id, "cards": cards}, status=code, headers=headers)


def accepted(job: Job, *, code: int = status.HTTP_202_ACCEPTED) -> Response:
    """Answer with a job and where to ask how far it is."""
    headers = {"Location": links(job)["status"], "Retry-After": str(POLL_SECONDS)}
    return Response(job_dict(job), status=code, headers=headers)


class GeneratedSerializer(serializers.Serializer[Any]):
    """Cards issued on the spot."""

    job = serializers.UUIDField()
    cards = CardSerializer(many=True)
