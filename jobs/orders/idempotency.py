"""A retrying client never makes two jobs: the key stands on the job itself, the index decides."""

import hashlib
import json
import re
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs.models import Job
from jobs.orders.order import Origin
from toolkit.refusals import Mistake, Refusal

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class InvalidKey(Mistake):
    """The key is not 1 to 255 visible ASCII characters."""

    code = "invalid_idempotency_key"


class KeyReused(Refusal):
    """The key was sent before with another body."""

    code = "idempotency_key_reused"


class JobCancelled(Refusal):
    """The job that came of the key was cancelled: there is nothing to answer with."""

    code = "job_cancelled"


class InFlight(Refusal):
    """The request that came with this key first is still being answered."""

    code = "request_in_flight"


def keyed(origin: Origin, *, key: str | None, route: str, body: Any) -> Origin:
    """Add which request it is, by its key; nothing without one.

    :raises InvalidKey: if it is malformed
    """
    if key is None:
        return origin
    if not _KEY.fullmatch(key):
        raise InvalidKey("An Idempotency-Key has 1 to 255 visible ASCII characters.")
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    fingerprint = hashlib.sha256(text.encode()).digest()
    return replace(origin, key=key, route=route, fingerprint=fingerprint)


def earlier(origin: Origin) -> Job | None:
    """Find the job that the same request made before.

    :raises KeyReused: if the key came with another body
    """
    if origin.key is None:
        return None
    job = Job.objects.filter(
        owner=origin.owner, idempotency_route=origin.route, idempotency_key=origin.key
    ).first()
    if job is not None and bytes(job.fingerprint) != origin.fingerprint:
        raise KeyReused(
            "This Idempotency-Key was sent before with another body: use a new key for a new"
            " request.",
            job=str(job.id),
        )
    return job


def columns(origin: Origin) -> dict[str, Any]:
    """The columns of a job that say which request made it; without a key they stay NULL."""
    if origin.key is None:
        return {}
    return {
        "idempotency_key": origin.key,
        "idempotency_route": origin.route,
        "fingerprint": origin.fingerprint,
    }


def is_ours(error: IntegrityError) -> bool:
    """Tell whether another request with the same key was faster."""
    return "one_job_per_idempotency_key" in str(error)


@transaction.atomic
def forget(*, older_than: Any) -> int:
    """Let keys be used again that were sent before so long; return how many."""
    old = Job.objects.filter(
        idempotency_key__isnull=False, created_at__lt=timezone.now() - older_than
    )
    return old.update(idempotency_key=None)
